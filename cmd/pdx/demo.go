package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/cmd/pdx/demo"
)

func (a *app) demoCommand() *cobra.Command {
	o := demo.Options{}
	cmd := &cobra.Command{
		Use: "demo", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Localnet, err = a.siblingBinary("pdx-localnet"); err != nil {
				return err
			}
			if o.Pdx, err = os.Executable(); err != nil {
				return err
			}
			o.Progress, o.Texts = a.out, a.texts
			if a.json {
				o.Progress = a.err
			}
			report, err := demo.Run(cmd.Context(), o)
			if err != nil {
				return err
			}
			if a.json {
				return a.line(report)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&o.Dir, "dir", "", "")
	cmd.Flags().BoolVar(&o.Stay, "stay", false, "")
	cmd.Flags().Uint64Var(&o.Patients, "patients", 200, "")
	return cmd
}
