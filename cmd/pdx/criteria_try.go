package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	docs "github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) criteriaTestCommand() *cobra.Command {
	var schemas, fields []string
	optional := false
	cmd := &cobra.Command{
		Use: "test CRITERIA DATA", Args: a.exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := a.readCriteria(args[0], schemas)
			if err != nil {
				return err
			}
			if len(fields) == 0 {
				fields = disclosedBy(f.doc, optional)
			}
			checker, err := a.checker(f, docs.WithFields(fields))
			if err != nil {
				return err
			}
			report, err := a.tryData(cmd.Context(), f.doc, checker, fields, args[1])
			if err != nil {
				return err
			}
			return a.showTest(report)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&schemas, "schema", nil, "")
	flags.StringSliceVar(&fields, "fields", nil, "")
	flags.BoolVar(&optional, "optional", false, "")
	return cmd
}

// disclosedBy are the fields that an offer without more ado discloses: the required ones,
// or all if there are none.
func disclosedBy(doc *docs.Document, optional bool) []string {
	if required := doc.Required(); len(required) > 0 && !optional {
		return required
	}
	return doc.Pointers()
}

// tryData projects a file into a private copy and checks that, as a sale does.
func (a *app) tryData(ctx context.Context, doc *docs.Document, checker *docs.Checker, fields []string, name string) (docs.Report, error) {
	src, f, err := a.openData(name, doc.MediaType)
	if err != nil {
		return docs.Report{}, err
	}
	defer src.Close()
	copied, err := os.CreateTemp("", "pdx-test-*")
	if err != nil {
		return docs.Report{}, err
	}
	defer os.Remove(copied.Name())
	defer copied.Close()
	done, err := docs.Project(ctx, copied, src.Source, f, docs.Disclosure{Version: doc.Version, Fields: fields})
	if err != nil {
		return docs.Report{}, err
	}
	return checker.Check(ctx, format.Source{ReaderAt: copied, Size: int64(done.Bytes)}, nil)
}

// dataSource is a file of records on this machine.
type dataSource struct {
	format.Source
	io.Closer
}

// openData opens a file of records, of a media type or, if that is empty, of the one that
// its name tells.
func (a *app) openData(name, mediaType string) (src dataSource, f format.File, err error) {
	if mediaType == "" {
		if f, err = docs.Formats().ForFile(name); err != nil {
			return src, nil, err
		}
	} else {
		known, err := docs.Formats().Get(mediaType)
		if err != nil {
			return src, nil, err
		}
		single, ok := known.(format.File)
		if !ok {
			return src, nil, a.fail(pdx.ErrInvalid, "criteria.folder")
		}
		f = single
	}
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return src, nil, a.fail(pdx.ErrNotFound, "file.none", "what", a.t("file.data"), "file", name)
	}
	if err != nil {
		return src, nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = a.fail(pdx.ErrInvalid, "file.folder", "what", a.t("file.data"), "file", name)
	}
	if err != nil {
		file.Close()
		return src, nil, err
	}
	return dataSource{format.Source{ReaderAt: file, Size: info.Size()}, file}, f, nil
}

// showTest shows a report, and fails if there is a finding.
func (a *app) showTest(r docs.Report) error {
	err := error(nil)
	if !r.OK() {
		err = a.fail(pdx.ErrInvalid, "criteria.test_broken", "n", r.Broken, "records", r.Records)
		if r.Broken == 0 {
			err = a.fail(pdx.ErrInvalid, "criteria.test_dataset")
		}
	}
	if a.json {
		figures := map[string]string{}
		for _, figure := range r.Figures {
			figures[figure.Name] = figure.Text
		}
		return errors.Join(a.line(map[string]any{
			"ok": r.OK(), "records": r.Records, "bytes": r.Bytes, "broken_records": r.Broken, "by_rule": orEmpty(r.ByRule),
			"findings": listed(r.Findings), "findings_total": r.Total, "aggregates": figures, "fields": r.Fields,
		}), err)
	}
	p := a.printer(a.out)
	p.facts("records", fmt.Sprint(r.Records), "size", bytesText(r.Bytes), "discloses", strings.Join(r.Fields, " "))
	p.byRule(r.ByRule)
	for _, figure := range r.Figures {
		p.say("criteria.figure", "name", figure.Name, "measure", figure.Measure, "value", cmp.Or(figure.Text, p.t("criteria.not_shown")))
	}
	for _, f := range r.Findings {
		p.say("criteria.finding", "finding", p.finding(&nodepb.Finding{Record: f.Record, Path: f.Path, Rule: f.Rule}))
	}
	if r.OK() {
		p.say("criteria.test_fine")
	}
	return err
}

// byRule shows how many records break each rule, the most first.
func (p printer) byRule(counts map[string]uint64) {
	rules := slices.SortedFunc(maps.Keys(counts), func(x, y string) int {
		return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(x, y))
	})
	for _, rule := range rules {
		p.say("criteria.breaks", "n", counts[rule], "rule", rule)
	}
}

func orEmpty(counts map[string]uint64) map[string]uint64 {
	if counts == nil {
		return map[string]uint64{}
	}
	return counts
}

// listed are findings as JSON shows them.
func listed(findings []pdx.Finding) []map[string]any {
	list := []map[string]any{}
	for _, f := range findings {
		list = append(list, map[string]any{"record": f.Record, "path": f.Path, "rule": f.Rule})
	}
	return list
}
