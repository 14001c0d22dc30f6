package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) dataCommand() *cobra.Command {
	return a.group("data",
		a.dataAddCommand(), a.dataSidecarCommand(), a.dataListCommand(), a.dataShowCommand(), a.dataRemoveCommand())
}

func (a *app) dataAddCommand() *cobra.Command {
	req, formats := &nodepb.AddDataRequest{}, criteria.Formats()
	cmd := &cobra.Command{
		Use: "add FILE|FOLDER", Args: a.exactly(1),
		Annotations: map[string]string{
			"extensions": format.List(formats.Extensions()), "media_types": format.List(formats.MediaTypes()), "folder": criteria.Folder,
			"files": criteria.Files,
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if req.Path, err = absolute(args[0]); err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			reading := a.newGauge()
			data, err := api.AddData(cmd.Context(), client, req, func(done, size uint64) {
				reading.set(a.t("progress.reading", "file", args[0]),
					done, size)
			})
			reading.hide()
			if err != nil {
				return err
			}
			return a.show(data, func(p printer) { p.data(data) })
		},
	}
	cmd.Flags().StringVar(&req.Name, "name", "", "")
	cmd.Flags().StringVar(&req.MediaType, "media-type", "", "")
	return cmd
}

func (a *app) dataListCommand() *cobra.Command {
	list := &listFlags{}
	cmd := &cobra.Command{
		Use: "list", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			req := &nodepb.ListDataRequest{Limit: list.limit, Cursor: list.cursor}
			res, err := pageOrAll(cmd.Context(), a, list, client, req, client.ListData, api.AllData)
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.dataList(res) })
		},
	}
	list.add(cmd)
	return cmd
}

func (p printer) dataList(res *nodepb.ListDataResponse) {
	list := p.rows("id", "name", "records", "size", "media_type", "path")
	for _, d := range res.Data {
		path := d.Path
		switch {
		case d.Changed && gone(path):
			path = p.t("data.path_gone", "path", path)
		case d.Changed:
			path = p.t("data.path_changed", "path", path)
		}
		list.add(short(d.Id), d.Name, fmt.Sprint(d.Records), bytesText(d.Size), d.MediaType, path)
	}
	p.table(list, "data.none")
	p.more(res.NextCursor)
}

func (a *app) dataShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show DATA", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.GetData(cmd.Context(), &nodepb.GetDataRequest{Id: args[0]})
			if err != nil {
				return err
			}
			return a.show(res.Data, func(p printer) { p.data(res.Data) })
		},
	}
}

func (a *app) dataRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rm DATA", Aliases: []string{"remove", "delete"}, Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.RemoveData(cmd.Context(), &nodepb.RemoveDataRequest{Id: args[0]})
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.say("data.removed", "data", args[0]) })
		},
	}
}

// gone reports whether registered data is no longer where it was. The daemon is on this
// machine.
func gone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func (p printer) data(d *nodepb.Data) {
	size, changed := bytesText(d.Size)+", "+p.t("count.records", "n", d.Records), ""
	if d.Files > 0 {
		size += ", " + p.t("count.files", "n", d.Files)
	}
	switch {
	case d.Changed && gone(d.Path):
		changed = p.t("data.gone")
	case d.Changed:
		changed = p.t("data.changed")
	}
	p.facts("id", d.Id, "name", d.Name, "path", d.Path, "media_type", d.MediaType, "size", size,
		"fields", strings.Join(d.Fields, " "), "noted", p.noted(d.Notes), "changed", changed)
}

// noted says what was accepted of files and will not be disclosed.
func (p printer) noted(notes []string) string {
	list := make([]string, len(notes))
	for i, note := range notes {
		list[i] = nameOf(p.texts, "note.", note)
	}
	return strings.Join(list, "; ")
}
