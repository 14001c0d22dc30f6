package main

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/medibloc/pdx/node/config"
)

// preset is what this program knows of a public network. Nobody has verified it for the one who uses it, and
// it names no block to trust: that is for its user to get from somebody trusted.
type preset struct {
	chainID, grpc, rpc string
	// without reports that the network had no data exchange module when this was written.
	without bool
}

// localnetName is the network of a chain on this machine.
const localnetName = "localnet"

func presets() map[string]preset {
	return map[string]preset{
		"panacea": {"panacea-3", "https://grpc.gopanacea.org:443", "https://rpc.gopanacea.org:443", true},
		"hygieia": {"hygieia-1", "https://testnet-grpc.gopanacea.org:443", "https://testnet-rpc.gopanacea.org:443", true},
	}
}

// networks are the names that --network takes.
func networks() []string { return append(slices.Sorted(maps.Keys(presets())), localnetName) }

// fromNetwork takes the settings of a network by its name.
func (a *app) fromNetwork(ctx context.Context, cfg *config.Config, name string) error {
	if name == localnetName {
		return a.fromLocalnet(ctx, cfg, localnetFolder())
	}
	known, ok := presets()[name]
	if !ok {
		return a.fail(errUsage, "init.no_network", "name", name, "names", strings.Join(networks(), ", "))
	}
	cfg.Chain.ID, cfg.Chain.GRPC, cfg.Chain.RPC = known.chainID, known.grpc, known.rpc
	return nil
}

// networkWarnings is what the user of a preset should know.
func (a *app) networkWarnings(name string) (warnings []string) {
	known, ok := presets()[name]
	if !ok {
		return nil
	}
	warnings = append(warnings, a.t("init.unverified", "name", name, "grpc", known.grpc, "rpc", known.rpc))
	if known.without {
		warnings = append(warnings, a.t("init.no_module", "chain", known.chainID))
	}
	return warnings
}

// localnetFolder is where pdx-localnet keeps its chain unless it is told otherwise.
func localnetFolder() string {
	if user, err := os.UserHomeDir(); err == nil {
		return filepath.Join(user, ".pdx-localnet")
	}
	return ".pdx-localnet"
}
