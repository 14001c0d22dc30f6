package main

import (
	"github.com/spf13/cobra"

	docs "github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/importer"
)

func (a *app) criteriaImportCommand() *cobra.Command {
	o, out, from := importer.Options{}, "", ""
	cmd := &cobra.Command{
		Use: "import FILE", Args: a.exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			raw, err := a.readInput(a.t("file.contract"), args[0], docs.MaxDocumentBytes)
			if err != nil {
				return err
			}
			o.From = importer.Kind(from)
			d, err := importer.Import(raw, o)
			if err != nil {
				return err
			}
			return a.writeDraft(d, out, false)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&from, "from", "", "")
	flags.StringVar(&o.Table, "table", "", "")
	flags.StringVar(&o.MediaType, "media-type", docs.NDJSON, "")
	flags.StringSliceVar(&o.Drop, "drop", nil, "")
	flags.StringVar(&out, "out", "", "")
	return cmd
}
