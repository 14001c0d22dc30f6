package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: exactly(0),
		Example: "  pdx version",
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				return a.line(map[string]any{"version": node.Version})
			}
			_, err := fmt.Fprintf(a.out, "pdx %s\n", node.Version)
			return err
		},
	}
}
