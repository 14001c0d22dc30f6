package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
)

func (a *app) initCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Set up a node: configuration, account and peer key",
		Long: `Set up a node in --home: a configuration file, an account on the chain and a
peer identity. Its keys are encrypted with the passphrase that you choose;
nobody can recover them without it, or without the account's mnemonic
('pdx keys mnemonic'). Nothing that is there already is overwritten.`,
		Example: "  pdx init\n  pdx init --localnet ~/.pdx-localnet\n  pdx init --recover words.txt --passphrase-file pass.txt",
		Args:    exactly(0),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.initNode(cmd) },
	}
	flags := cmd.Flags()
	flags.String("chain-id", "", "id of the chain")
	flags.String("grpc", "", "gRPC address of the chain, host:port or https://host:port")
	flags.String("rpc", "", "CometBFT RPC address of the chain, http://host:port")
	flags.StringSlice("endpoint", nil, "a further endpoint of the chain, 'GRPC RPC', for when the first fails and to watch over it")
	flags.Int64("trust-height", 0, "height of a block that you trust; what a delivery is made for is verified from it")
	flags.String("trust-hash", "", "hash of that block's header, 64 hex digits")
	flags.String("localnet", "", "take chain id, addresses and the trusted block from the localnet of this folder; the network stays on this machine")
	flags.StringSlice("listen", nil, "TCP multiaddrs to listen on, like /ip4/0.0.0.0/tcp/4001")
	flags.StringSlice("roles", nil, "roles to play: seller, buyer, validator (all)")
	flags.String("recover", "", "take the account of the mnemonic in this file instead of a new one")
	passphraseFlag(cmd)
	return cmd
}

func (a *app) initNode(cmd *cobra.Command) error {
	cfg, err := a.newConfig(cmd)
	if err != nil {
		return err
	}
	mnemonic, err := mnemonicFile(cmd)
	if err != nil {
		return err
	}
	passphrase, err := a.passphrase(cmd, true)
	if err != nil {
		return err
	}
	k, err := home.Init(cmd.Context(), cfg, passphrase, mnemonic)
	if err != nil {
		return err
	}
	warnings := initWarnings(cfg)
	if a.json {
		return a.line(map[string]any{"home": cfg.Home, "chain_id": cfg.Chain.ID, "account": k.Account(), "peer_id": k.PeerID().String(), "warnings": warnings})
	}
	for _, w := range warnings {
		fmt.Fprintf(a.err, "Warning: %s\n", w)
	}
	facts(a.out, "home", cfg.Home, "chain", cfg.Chain.ID, "account", string(k.Account()), "peer", k.PeerID().String())
	fmt.Fprintf(a.out, "\nWrite down the mnemonic: %s\nThen fund the account and run: %s\n", a.verb("keys mnemonic"), a.verb("daemon"))
	return nil
}

// initWarnings is what the owner of a new node should know at once.
func initWarnings(cfg config.Config) []string {
	if cfg.Plays(pdx.RoleSeller) && cfg.Chain.Trust.Missing() {
		return []string{config.MissingTrustAdvice + fmt.Sprintf(". The configuration is %s; 'pdx init' takes --trust-height and --trust-hash", config.File(cfg.Home))}
	}
	return []string{}
}

// newConfig is the default with what the flags say.
func (a *app) newConfig(cmd *cobra.Command) (config.Config, error) {
	cfg := config.Default(a.home)
	flags := cmd.Flags()
	if folder, _ := flags.GetString("localnet"); folder != "" {
		if err := fromLocalnet(&cfg, folder); err != nil {
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

func mnemonicFile(cmd *cobra.Command) (string, error) {
	name, _ := cmd.Flags().GetString("recover")
	if name == "" {
		return "", nil
	}
	raw, err := readInput("mnemonic", name, maxMnemonic)
	if err != nil {
		return "", err
	}
	words := strings.TrimSpace(string(raw))
	if words == "" {
		return "", fmt.Errorf("mnemonic %s: %w: the file is empty", name, pdx.ErrInvalid)
	}
	return words, nil
}

// maxMnemonic is several times what 24 words take.
const maxMnemonic = 1 << 10

// fromLocalnet takes the endpoints that a localnet wrote down.
func fromLocalnet(cfg *config.Config, folder string) error {
	ends, err := localnetEndpoints(folder)
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
