package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (c *cli) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version, and those of the chain's foundations",
		Example: "  pdx-localnet version",
		Args:    exactly(0),
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintf(c.out, "pdx-localnet %s\n", version())
			for _, m := range foundations() {
				fmt.Fprintf(c.out, "%s %s\n", m.Path, m.Version)
			}
			return nil
		},
	}
}

// version is the module's version, or the commit of a build from a checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return "dev"
}

// foundations decide whether this chain behaves like the mainnet.
func foundations() (found []*debug.Module) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, m := range info.Deps {
		if m.Path == "github.com/cosmos/cosmos-sdk" || m.Path == "github.com/cometbft/cometbft" {
			found = append(found, m)
		}
	}
	return found
}
