package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/cmd/pdx/demo"
)

func (a *app) demoCommand() *cobra.Command {
	o := demo.Options{}
	cmd := &cobra.Command{
		Use: "demo", Short: "Watch a whole market on this machine: a chain, a buyer, two validators, two sellers", Args: exactly(0),
		Long: `Run a whole market on this machine and sell real data through it: a development
chain, a buyer, two validators and two sellers, each a process with a home of
its own in a new temporary folder. Synthetic health records are made, a pool is
opened for them, a dataset that breaks its criteria is rejected, two are sold,
pulled and decrypted. At the end it shows what happened, to the last umed.
Ctrl-C stops everything.`,
		Example: "  pdx demo\n  pdx demo --stay\n  pdx demo --json > report.json",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Localnet, err = siblingBinary("pdx-localnet"); err != nil {
				return err
			}
			if o.Pdx, err = os.Executable(); err != nil {
				return fmt.Errorf("find this program: %w", err)
			}
			o.Progress = a.out
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
	cmd.Flags().StringVar(&o.Dir, "dir", "", "folder for everything (default: a new temporary one)")
	cmd.Flags().BoolVar(&o.Stay, "stay", false, "leave the market running until Ctrl-C")
	cmd.Flags().Uint64Var(&o.Patients, "patients", 200, "how many people each dataset is about")
	return cmd
}
