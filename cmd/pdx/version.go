package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Args: a.exactly(0),
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				return a.line(map[string]any{"version": node.Version})
			}
			_, err := fmt.Fprintln(a.out, "pdx", node.Version)
			return err
		},
	}
}
