package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/chain/endpoints"
	"github.com/medibloc/pdx/chain/localnet"
)

// stopPatience is far more than a stop takes.
const stopPatience = 10 * time.Second

type startFlags struct {
	genesis         genesisFlags
	grpc, rpc, rest string
	origins         []string
	before, verbose bool
	json            bool
}

func (c *cli) startCommand() *cobra.Command {
	var f startFlags
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Run the chain until Ctrl-C; make one first if the home has none",
		Long: `Run the chain until SIGINT or SIGTERM; make one first if the home has none.

The addresses are printed after the first block and written to endpoints.json
in the home. By default ports are free ones; a chain reuses its previous ports
if it can. A chain that was killed continues where it stopped.`,
		Example: "  pdx-localnet start\n" +
			"  pdx-localnet start --home ./chain --block-interval 200ms --deadlines certify=60s,ack=60s,key=60s,dispute=5s\n" +
			"  pdx-localnet start --grpc 127.0.0.1:9090 --rpc 127.0.0.1:26657 --json",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.start(cmd, f) },
	}
	f.genesis.register(cmd.Flags())
	cmd.Flags().BoolVar(&f.before, "before-exchange", false,
		"run the software of before the exchange until an upgrade named datapool halts it; then start without this flag")
	cmd.Flags().StringVar(&f.grpc, "grpc", "", "host:port of gRPC (default: a free port of 127.0.0.1)")
	cmd.Flags().StringVar(&f.rpc, "rpc", "", "host:port of the CometBFT RPC (default: a free port of 127.0.0.1)")
	cmd.Flags().StringVar(&f.rest, "rest", "", "host:port of REST, queries as JSON over HTTP (default: a free port of 127.0.0.1)")
	cmd.Flags().StringSliceVar(&f.origins, "rest-origin", nil,
		"origin of a web page that may read from REST and RPC, such as http://localhost:3000, or * for any (default: none)")
	cmd.Flags().BoolVar(&f.verbose, "verbose", false, "log everything from the chain (default: only errors)")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one line of JSON with chain_id, grpc, rpc, rest, home and pid")
	return cmd
}

func (c *cli) start(cmd *cobra.Command, f startFlags) error {
	ctx := cmd.Context()
	cfg, err := f.genesis.config(c.home)
	if err != nil {
		return err
	}
	cfg.GRPCAddr, cfg.RPCAddr, cfg.RESTAddr, cfg.RESTOrigins, cfg.Verbose = f.grpc, f.rpc, f.rest, f.origins, f.verbose
	cfg.Before = f.before
	cfg.Logger = slog.New(slog.NewTextHandler(c.err, nil))
	chain, err := openOrInit(ctx, cfg, f.genesis.given(cmd))
	if err != nil {
		return err
	}
	if err := chain.Start(ctx); err != nil {
		return err
	}
	err = c.announce(chain.Endpoints(), f.json)
	if err == nil {
		select {
		case <-ctx.Done():
		case <-chain.Done():
			err = fmt.Errorf("the chain stopped by itself: %w", chain.Err())
		}
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
	defer cancel()
	return errors.Join(err, chain.Stop(stopping))
}

// openOrInit refuses flags that apply only when a chain is made.
func openOrInit(ctx context.Context, cfg localnet.Config, genesisOnly []string) (*localnet.Chain, error) {
	chain, err := localnet.New(cfg)
	switch {
	case err == nil && len(genesisOnly) > 0:
		return nil, fmt.Errorf("%w in %s; %s can only be set when a chain is made", localnet.ErrExists, cfg.Home, strings.Join(genesisOnly, ", "))
	case !errors.Is(err, localnet.ErrNoChain):
		return chain, err
	}
	if err := localnet.Init(ctx, cfg); err != nil {
		return nil, err
	}
	return localnet.New(cfg)
}

func (c *cli) announce(e endpoints.Endpoints, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(c.out).Encode(e)
	}
	_, err := fmt.Fprintf(c.out, "%s is running\n  gRPC  %s\n  RPC   %s\n  REST  %s\n  home  %s\nStop it with Ctrl-C.\n", e.ChainID, e.GRPC,
		e.RPC, e.REST, e.Home)
	return err
}
