package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/keys"
)

func (a *app) initCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:  "init",
		Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.initNode(cmd) },
	}
	flags := cmd.Flags()
	flags.String("chain-id", "", "")
	flags.String("grpc", "", "")
	flags.String("rpc", "", "")
	flags.StringSlice("endpoint", nil, "")
	flags.Int64("trust-height", 0, "")
	flags.String("trust-hash", "", "")
	flags.String("localnet", "", "")
	flags.String("network", "", "")
	flags.StringSlice("listen", nil, "")
	flags.StringSlice("roles", nil, "")
	flags.String("recover", "", "")
	flags.Bool("no-confirm", false, "")
	passphraseFlag(cmd)
	return cmd
}

func (a *app) initNode(cmd *cobra.Command) error {
	cfg, err := a.newConfig(cmd)
	if err != nil {
		return err
	}
	mnemonic, err := a.mnemonicFile(cmd)
	if err != nil {
		return err
	}
	passphrase, err := a.passphrase(cmd, true)
	if err != nil {
		return err
	}
	cfg.WorkFactor = a.workFactor
	k, err := home.Init(cmd.Context(), cfg, passphrase, mnemonic)
	if err != nil {
		return err
	}
	file, _ := cmd.Flags().GetString("passphrase-file")
	network, _ := cmd.Flags().GetString("network")
	warnings := append(a.networkWarnings(network), a.initWarnings(cfg, file)...)
	if a.json {
		return a.line(map[string]any{
			"home": cfg.Home, "chain_id": cfg.Chain.ID, "account": k.Account(), "peer_id": k.PeerID().String(),
			"warnings": warnings,
		})
	}
	for _, w := range warnings {
		fmt.Fprintln(a.err, a.t("init.warning", "warning", w))
	}
	p := a.printer(a.out)
	p.facts("home", cfg.Home, "chain", cfg.Chain.ID, "account", string(k.Account()), "peer", k.PeerID().String())
	confirmed := false
	if a.wantsWords(cmd) {
		words, err := wordsOf(cmd.Context(), a.home, passphrase)
		if err != nil {
			return err
		}
		confirmed = a.confirmWords(words)
	}
	fmt.Fprintln(a.out)
	if confirmed {
		p.say("init.confirmed")
	} else {
		p.say("init.write_down", "command", a.verb("keys mnemonic"))
	}
	p.say("init.then", "command", a.verb("daemon"))
	return nil
}

// wordsOf are the mnemonic of a home.
func wordsOf(ctx context.Context, path, passphrase string) (string, error) {
	opened, err := home.Open(ctx, path, passphrase)
	if err != nil {
		return "", err
	}
	defer opened.Close()
	return keys.Mnemonic(ctx, opened.Secrets)
}

// initWarnings is what the owner of a new node should know at once.
func (a *app) initWarnings(cfg config.Config, passphraseFile string) []string {
	warnings := []string{}
	if cfg.Plays(pdx.RoleSeller) && cfg.Chain.Trust.Missing() {
		warnings = append(warnings, a.t("init.no_trust", "file", config.File(cfg.Home)))
	}
	for _, e := range append(home.Exposed(cfg.Home), home.ExposedPaths(passphraseFile)...) {
		warnings = append(warnings, e.Cure())
	}
	return warnings
}

// newConfig is the default with what the flags say.
func (a *app) newConfig(cmd *cobra.Command) (config.Config, error) {
	cfg := config.Default(a.home)
	flags := cmd.Flags()
	folder, _ := flags.GetString("localnet")
	if name, _ := flags.GetString("network"); name != "" {
		if folder != "" {
			return cfg, a.fail(errUsage, "init.two_networks")
		}
		if err := a.fromNetwork(cmd.Context(), &cfg, name); err != nil {
			return cfg, err
		}
	}
	if folder != "" {
		if err := a.fromLocalnet(cmd.Context(), &cfg, folder); err != nil {
			return cfg, err
		}
	}
	for name, setting := range map[string]*string{"chain-id": &cfg.Chain.ID, "grpc": &cfg.Chain.GRPC, "rpc": &cfg.Chain.RPC} {
		if flags.Changed(name) {
			*setting, _ = flags.GetString(name)
		}
	}
	if flags.Changed("endpoint") {
		cfg.Chain.Endpoints, _ = flags.GetStringSlice("endpoint")
	}
	if flags.Changed("trust-height") || flags.Changed("trust-hash") {
		cfg.Chain.Trust.Height, _ = flags.GetInt64("trust-height")
		cfg.Chain.Trust.Hash, _ = flags.GetString("trust-hash")
	}
	if flags.Changed("listen") {
		cfg.P2P.Listen, _ = flags.GetStringSlice("listen")
	}
	if flags.Changed("roles") {
		cfg.Roles, _ = flags.GetStringSlice("roles")
	}
	return cfg, cfg.Validate()
}

func (a *app) mnemonicFile(cmd *cobra.Command) (string, error) {
	name, _ := cmd.Flags().GetString("recover")
	if name == "" {
		return "", nil
	}
	raw, err := a.readInput(a.t("file.mnemonic"), name, maxMnemonic)
	if err != nil {
		return "", err
	}
	words := strings.TrimSpace(string(raw))
	if words == "" {
		return "", a.fail(pdx.ErrInvalid, "file.empty", "what", a.t("file.mnemonic"), "file", name)
	}
	return words, nil
}

// maxMnemonic is several times what 24 words take.
const maxMnemonic = 1 << 10

// fromLocalnet takes the endpoints that a localnet wrote down.
func (a *app) fromLocalnet(ctx context.Context, cfg *config.Config, folder string) error {
	ends, err := a.awaitLocalnet(ctx, folder)
	if err != nil {
		return err
	}
	cfg.Chain.ID, cfg.Chain.GRPC, cfg.Chain.RPC = ends.ChainID, ends.GRPC, ends.RPC
	cfg.Chain.Poll = localnetPoll
	cfg.Chain.Trust = config.Trust{Height: ends.Trust.Height, Hash: ends.Trust.Hash}
	if ends.Trust.Height != 0 {
		cfg.Chain.Trust.Period = localnetTrust
	}
	cfg.P2P.LocalNetwork, cfg.P2P.Listen = true, []string{"/ip4/127.0.0.1/tcp/0"}
	cfg.P2P.MDNS = false
	return nil
}
