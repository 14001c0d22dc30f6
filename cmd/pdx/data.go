package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) dataCommand() *cobra.Command {
	return group("data", "Register files and folders of this machine that you may sell",
		"  pdx data add patients.ndjson --name patients\n  pdx data list",
		a.dataAddCommand(), a.dataListCommand(), a.dataShowCommand(), a.dataRemoveCommand())
}

func (a *app) dataAddCommand() *cobra.Command {
	req, formats := &nodepb.AddDataRequest{}, criteria.Formats()
	cmd := &cobra.Command{
		Use: "add FILE|FOLDER", Short: "Register a file or a folder; it stays where it is and goes nowhere yet", Args: exactly(1),
		Long: "Register a file of records, or a folder of such files, which is sold as one dataset into pools that ask for\n" +
			criteria.Folder + ". Its files end with " + format.List(formats.Extensions()) + ". Hidden files and empty folders are left out;\n" +
			"links and anything else are refused by name.",
		Example: "  pdx data add patients.ndjson --name patients\n  pdx data add ./ward-7",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if req.Path, err = absolute(args[0]); err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			reading := a.newGauge()
			data, err := api.AddData(cmd.Context(), client, req, func(done, size uint64) { reading.set("reading "+args[0], done, size) })
			reading.hide()
			if err != nil {
				return err
			}
			return a.show(data, func(w io.Writer) { printData(w, data) })
		},
	}
	cmd.Flags().StringVar(&req.Name, "name", "", "what you call it (default: the file's name)")
	cmd.Flags().StringVar(&req.MediaType, "media-type", "", format.List(formats.MediaTypes())+" (default: by the name)")
	return cmd
}

func (a *app) dataListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List registered data", Args: exactly(0),
		Example: "  pdx data list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListData(cmd.Context(), &nodepb.ListDataRequest{})
			if err != nil {
				return err
			}
			return a.show(res, func(w io.Writer) {
				list := newRows("ID", "NAME", "RECORDS", "SIZE", "MEDIA TYPE", "PATH")
				for _, d := range res.Data {
					path := d.Path
					if d.Changed {
						path += " (changed: add it again)"
					}
					list.add(short(d.Id), d.Name, fmt.Sprint(d.Records), bytesText(d.Size), d.MediaType, path)
				}
				list.print(w, "No data are registered: pdx data add FILE|FOLDER")
			})
		},
	}
}

func (a *app) dataShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show DATA", Short: "Show registered data by name or id", Args: exactly(1),
		Example: "  pdx data show patients",
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.GetData(cmd.Context(), &nodepb.GetDataRequest{Id: args[0]})
			if err != nil {
				return err
			}
			return a.show(res.Data, func(w io.Writer) { printData(w, res.Data) })
		},
	}
}

func (a *app) dataRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rm DATA", Short: "Forget registered data; the file stays", Args: exactly(1),
		Example: "  pdx data rm patients",
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.RemoveData(cmd.Context(), &nodepb.RemoveDataRequest{Id: args[0]})
			if err != nil {
				return err
			}
			return a.show(res, func(w io.Writer) { fmt.Fprintf(w, "forgot %s; the file is where it was\n", args[0]) })
		},
	}
}

func printData(w io.Writer, d *nodepb.Data) {
	changed, size := "", fmt.Sprintf("%s, %d records", bytesText(d.Size), d.Records)
	if d.Files > 0 {
		size += fmt.Sprintf(", %d files", d.Files)
	}
	if d.Changed {
		changed = "it is not what was added: add it again"
	}
	facts(w, "id", d.Id, "name", d.Name, "path", d.Path, "media type", d.MediaType,
		"size", size,
		"fields", strings.Join(d.Fields, " "), "changed", changed)
}
