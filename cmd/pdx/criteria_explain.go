package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/criteria/explain"
)

func (a *app) criteriaExplainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "explain CRITERIA", Args: a.exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := a.readCriteria(args[0], nil)
			if err != nil {
				return err
			}
			sentences := explain.Sentences(f.doc, a.texts)
			if a.json {
				return a.line(map[string]any{"criteria_cid": f.doc.ID().String(), "title": f.doc.Title, "sentences": sentences})
			}
			p := a.printer(a.out)
			p.facts(slices.Concat([]string{
				"title", f.doc.Title, "description", f.doc.Description, "criteria", f.doc.ID().String(), "media_type", f.doc.MediaType,
			}, p.asked(f.doc))...)
			for _, sentence := range sentences {
				printFolded(p.w, sentence, foldIndent)
			}
			return nil
		},
	}
	return cmd
}
