package main

import (
	"bufio"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	docs "github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/draft"
)

func (a *app) criteriaNewCommand() *cobra.Command {
	d, sample, out, unique := draft.Draft{}, "", "", []string{}
	cmd := &cobra.Command{
		Use: "new", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, key := range unique {
				d.Unique = append(d.Unique, strings.Split(key, ","))
			}
			fill := a.askDraft
			if sample != "" {
				fill = func(d *draft.Draft) error { return a.sampleDraft(cmd.Context(), d, sample) }
			}
			if err := fill(&d); err != nil {
				return err
			}
			return a.writeDraft(d, out, sample == "")
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&sample, "sample", "", "")
	flags.StringVar(&d.Title, "title", "", "")
	flags.StringVar(&d.MediaType, "media-type", "", "")
	flags.StringArrayVar(&unique, "unique", nil, "")
	flags.StringVar(&out, "out", "", "")
	return cmd
}

// writeDraft writes a draft, and says what to do with it.
func (a *app) writeDraft(d draft.Draft, out string, asked bool) error {
	raw, err := d.Document()
	if err != nil {
		return err
	}
	if err := a.writeDocument(out, raw); err != nil || out == "" {
		return err
	}
	if a.json {
		return a.line(map[string]any{"file": out, "fields": len(d.Columns), "rules": len(d.Rules)})
	}
	p := a.printer(a.out)
	if !asked {
		p.say("criteria.say_purposes", "file", out)
	}
	p.say("criteria.written", "file", out, "command", a.verb("criteria test "+out+" "+p.t("argument.data")))
	return nil
}

// sampleDraft fills in the columns of a sample of the data.
func (a *app) sampleDraft(ctx context.Context, d *draft.Draft, name string) error {
	src, f, err := a.openData(name, d.MediaType)
	if err != nil {
		return err
	}
	defer src.Close()
	if d.Columns, err = draft.FromSample(ctx, src.Source, f); err != nil {
		return err
	}
	d.MediaType = f.MediaType()
	if d.Title == "" {
		d.Title = strings.ToValidUTF8(filepath.Base(name), "")
	}
	return nil
}

// askDraft asks a person for a draft.
func (a *app) askDraft(d *draft.Draft) error {
	if !isTerminal(a.in) {
		return a.fail(errUsage, "criteria.no_terminal")
	}
	var err error
	for d.Title == "" && err == nil {
		d.Title, err = a.askText(a.t("criteria.ask_title"))
	}
	if err == nil && d.MediaType == "" {
		if d.MediaType, err = a.askText(a.t("criteria.ask_media", "default", docs.NDJSON)); d.MediaType == "" {
			d.MediaType = docs.NDJSON
		}
	}
	if _, unknown := docs.Formats().Get(d.MediaType); err == nil && unknown != nil {
		return unknown
	}
	for err == nil {
		var c draft.Column
		if c, err = a.askColumn(); err == nil && c.Name == "" {
			break
		}
		if err == nil {
			d.Columns = append(d.Columns, c)
		}
	}
	if err == nil && len(d.Unique) == 0 {
		var key string
		if key, err = a.askText(a.t("criteria.ask_unique")); key != "" {
			d.Unique = [][]string{strings.FieldsFunc(key, func(r rune) bool { return r == ',' || r == ' ' })}
		}
	}
	return err
}

// askColumn asks for one column; without a name it is the end.
func (a *app) askColumn() (c draft.Column, err error) {
	if c.Name, err = a.askText(a.t("criteria.ask_field")); err != nil || c.Name == "" {
		return c, err
	}
	for c.Schema == nil {
		kind, err := a.askText(a.t("criteria.ask_type", "types", strings.Join(draft.Kinds(), ", ")))
		if err != nil {
			return c, err
		}
		if keywords, ok := draft.KeywordsOf(kind); ok {
			c.Schema = keywords
		}
	}
	need, err := a.askText(a.t("criteria.ask_required"))
	if err != nil {
		return c, err
	}
	c.Required = !slices.Contains([]string{"n", "no", a.t("criteria.n"), a.t("criteria.no")}, strings.ToLower(need))
	c.Purpose, err = a.askText(a.t("criteria.ask_purpose"))
	return c, err
}

// askText asks a person for one line.
func (a *app) askText(question string) (string, error) {
	if a.lines == nil {
		a.lines = bufio.NewReader(a.in)
	}
	fmt.Fprint(a.err, strings.Join(fold(question, terminalWidth(a.err)-1, 0), "\n")+" ")
	answer, err := a.lines.ReadString('\n')
	if err != nil {
		fmt.Fprintln(a.err) // Ctrl-D leaves the cursor behind the question
		return "", a.fail(pdx.ErrRefused, "confirm.refused")
	}
	return strings.TrimSpace(answer), nil
}
