package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	docs "github.com/medibloc/pdx/criteria"
)

func (a *app) criteriaCommand() *cobra.Command {
	return a.group("criteria",
		a.criteriaNewCommand(), a.criteriaCheckCommand(), a.criteriaExplainCommand(), a.criteriaTestCommand(),
		a.criteriaImportCommand(), a.criteriaSchemaCommand())
}

// criteriaFile is a document that a command line names, with the schemas that it names by CID.
type criteriaFile struct {
	raw     []byte
	doc     *docs.Document
	schemas docs.Schemas
}

// readCriteria reads a document and its schemas. A document that is not one is refused.
func (a *app) readCriteria(name string, schemas []string) (criteriaFile, error) {
	raw, err := a.readJSON(a.t("file.criteria"), name, docs.MaxDocumentBytes)
	if err != nil {
		return criteriaFile{}, err
	}
	var all [][]byte
	for _, file := range schemas {
		schema, err := a.readJSON(a.t("file.schema"), file, docs.MaxSchemaBytes)
		if err != nil {
			return criteriaFile{}, err
		}
		all = append(all, schema)
	}
	doc, err := docs.Parse(raw)
	return criteriaFile{raw, doc, docs.Bundle(all...)}, err
}

// checker compiles the schema of a document for a new pool.
func (a *app) checker(f criteriaFile, opts ...docs.Option) (*docs.Checker, error) {
	checker, err := docs.NewChecker(f.doc, f.schemas, append(opts, docs.ForNewPool())...)
	if errors.Is(err, pdx.ErrNotFound) {
		return nil, a.fail(pdx.ErrNotFound, "criteria.no_schema", "cause", err)
	}
	return checker, err
}

func (a *app) criteriaCheckCommand() *cobra.Command {
	var schemas []string
	cmd := &cobra.Command{
		Use: "check CRITERIA", Args: a.exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := a.readCriteria(args[0], schemas)
			if err != nil {
				return err
			}
			if _, err := a.checker(f); err != nil {
				return err
			}
			_, changes, err := docs.Upgrade(f.raw)
			if err != nil {
				return err
			}
			return a.showCheck(f, changes)
		},
	}
	cmd.Flags().StringArrayVar(&schemas, "schema", nil, "")
	return cmd
}

// showCheck says what a document is, and what pool create would change in it.
func (a *app) showCheck(f criteriaFile, changes []string) error {
	if a.json {
		return a.line(map[string]any{
			"criteria_cid": f.doc.ID().String(), "version": f.doc.Version, "title": f.doc.Title, "media_type": f.doc.MediaType,
			"fields": f.doc.Pointers(), "required": f.doc.Required(), "rules": len(f.doc.Rules), "aggregates": len(f.doc.Aggregates),
			"changes": append([]string{}, changes...),
		})
	}
	p := a.printer(a.out)
	p.facts("title", f.doc.Title, "criteria", f.doc.ID().String(), "version", fmt.Sprint(f.doc.Version), "media_type", f.doc.MediaType)
	p.say("criteria.fine", "fields", len(f.doc.Fields), "rules", len(f.doc.Rules))
	for _, change := range changes {
		p.say("criteria.would_change", "change", change)
	}
	return nil
}

func (a *app) criteriaSchemaCommand() *cobra.Command {
	out := ""
	cmd := &cobra.Command{
		Use: "schema", Args: a.exactly(0),
		RunE: func(*cobra.Command, []string) error {
			return a.writeDocument(out, docs.DocumentSchema())
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "")
	return cmd
}

// writeDocument writes JSON to a new file, or prints it: in one line for programs.
func (a *app) writeDocument(out string, raw []byte) error {
	if out == "" && a.json {
		return a.line(json.RawMessage(raw))
	}
	return a.intoFile(out, func(w io.Writer) error { _, err := w.Write(raw); return err })
}
