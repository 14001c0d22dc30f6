package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
)

// genesisFlags are the parameters of a new chain.
type genesisFlags struct {
	chainID   string
	interval  time.Duration
	deadlines string
	accounts  []string
	bond      string
	deposit   string
	voting    time.Duration
	jail      time.Duration
	unbonding time.Duration
	challenge time.Duration
}

const intervalFlag = "block-interval"

func (g *genesisFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&g.chainID, "chain-id", localnet.ChainID, "id of a new chain")
	flags.DurationVar(&g.interval, intervalFlag, 0, "time between blocks (default: 1s for a new chain, otherwise unchanged)")
	flags.StringVar(&g.deadlines, "deadlines", "",
		"default deadlines of pools in a new chain: certify=60s,ack=60s,key=60s,dispute=5s (default: as on Panacea)")
	flags.StringArrayVar(&g.accounts, "account", nil,
		"balance of an account in a new chain, ADDRESS=AMOUNT, such as panacea1…=100MED (repeatable)")
	flags.StringVar(&g.bond, "min-bond", "", "minimum bond of a validator in a new chain, such as 1000MED")
	flags.DurationVar(&g.voting, "voting-period", 0, "voting period of governance in a new chain (default: 1m)")
	flags.StringVar(&g.deposit, "offer-deposit", "", "deposit of a seller per offer in a new chain, such as 1MED")
	flags.DurationVar(&g.jail, "jail-time", 0,
		"how long a jailed validator certifies nothing in a new chain, such as 10s (default: as on Panacea)")
	flags.DurationVar(&g.challenge, "challenge-time", 0,
		"how long the answer to a challenge may take in a new chain, such as 10s (default: as on Panacea)")
	flags.DurationVar(&g.unbonding, "unbonding-time", 0,
		"how long the bond of a validator that left stays locked in a new chain, such as 10s (default: as on Panacea)")
}

// given names the flags on the command line that apply to a new chain only.
func (g *genesisFlags) given(cmd *cobra.Command) []string {
	var names []string
	for _, name := range []string{
		"chain-id", "deadlines", "account", "min-bond", "offer-deposit", "voting-period", "jail-time",
		"unbonding-time", "challenge-time",
	} {
		if cmd.Flags().Changed(name) {
			names = append(names, "--"+name)
		}
	}
	return names
}

func (g *genesisFlags) config(home string) (cfg localnet.Config, err error) {
	cfg = localnet.Config{Home: home, ChainID: g.chainID, BlockInterval: g.interval, VotingPeriod: g.voting}
	if cfg.Datapool.Deadlines, err = parseDeadlines(g.deadlines); err != nil {
		return cfg, err
	}
	if cfg.Datapool.MinBond, err = optionalAmount("min-bond", g.bond); err != nil {
		return cfg, err
	}
	if cfg.Datapool.OfferDeposit, err = optionalAmount("offer-deposit", g.deposit); err != nil {
		return cfg, err
	}
	if g.jail < 0 || g.unbonding < 0 || g.challenge < 0 {
		return cfg, fmt.Errorf("--jail-time %s, --unbonding-time %s, --challenge-time %s: %w: must be positive durations such as 10s",
			g.jail, g.unbonding, g.challenge, pdx.ErrInvalid)
	}
	cfg.Datapool.JailTime, cfg.Datapool.UnbondingTime, cfg.Datapool.ChallengeTime = g.jail, g.unbonding, g.challenge
	for _, text := range g.accounts {
		account, err := parseAccount(text)
		if err != nil {
			return cfg, err
		}
		cfg.Accounts = append(cfg.Accounts, account)
	}
	return cfg, nil
}

func optionalAmount(flag, text string) (pdx.Amount, error) {
	if text == "" {
		return 0, nil
	}
	amount, err := pdx.ParseAmount(text)
	if err != nil {
		return 0, fmt.Errorf("--%s: %w", flag, err)
	}
	return amount, nil
}

func parseAccount(text string) (localnet.Account, error) {
	address, money, ok := strings.Cut(text, "=")
	if !ok {
		return localnet.Account{}, fmt.Errorf("--account %q: %w: write it like ADDRESS=AMOUNT", text, pdx.ErrInvalid)
	}
	amount, err := pdx.ParseAmount(money)
	if err != nil {
		return localnet.Account{}, fmt.Errorf("--account %q: %w", text, err)
	}
	return localnet.Account{Address: pdx.Address(address), Balance: amount}, nil
}

func parseDeadlines(text string) (d pdx.Deadlines, err error) {
	if text == "" {
		return d, nil
	}
	fields := map[string]*time.Duration{"certify": &d.Certify, "ack": &d.Ack, "key": &d.Key, "dispute": &d.Dispute}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		field := fields[name]
		if field == nil {
			return d, fmt.Errorf("--deadlines %q: %w: set certify, ack, key or dispute, each once", part, pdx.ErrInvalid)
		}
		delete(fields, name)
		if *field, err = time.ParseDuration(value); err != nil || *field <= 0 {
			return d, fmt.Errorf("--deadlines %q: %w: must be a positive duration such as 60s", part, pdx.ErrInvalid)
		}
	}
	return d, nil
}
