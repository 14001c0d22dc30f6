package main

import (
	"context"
	"fmt"
	"os"

	"cosmossdk.io/log"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/chain/localnet"
)

// moduleCommand makes query or tx. The verbs below it come from the modules' own
// descriptions, which need an application; so they are made only when one runs.
func (c *cli) moduleCommand(verb, short, example string) *cobra.Command {
	return &cobra.Command{
		Use:                verb + " MODULE VERB",
		Short:              short,
		Long:               short + ". The home's keyring has two keys, faucet and operator0. --help lists modules and verbs.",
		Example:            example,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runModules(cmd.Context(), append([]string{verb}, args...))
		},
	}
}

func (c *cli) runModules(ctx context.Context, args []string) error {
	scratch, err := os.MkdirTemp("", "pdx-localnet-")
	if err != nil {
		return fmt.Errorf("make scratch directory: %w", err)
	}
	defer os.RemoveAll(scratch)
	a, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), scratch)
	if err != nil {
		return err
	}
	defer a.Close()
	root, err := c.moduleRoot(a)
	if err != nil {
		return err
	}
	root.SetArgs(args)
	return root.ExecuteContext(context.WithValue(ctx, client.ClientContextKey, &client.Context{}))
}

// moduleRoot has all queries and transactions below it.
func (c *cli) moduleRoot(a *app.App) (*cobra.Command, error) {
	root := &cobra.Command{
		Use: "pdx-localnet", SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			ctx, err := c.clientContext(a)
			if err != nil {
				return err
			}
			if err := payEnough(cmd); err != nil {
				return err
			}
			return client.SetCmdClientContextHandler(ctx, cmd)
		},
	}
	root.SetFlagErrorFunc(usageError)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.PersistentFlags().StringVar(&c.home, flags.FlagHome, c.home, "folder of the chain (or PDX_LOCALNET_HOME)")
	options := a.AutoCLI()
	options.ClientCtx = client.Context{}.WithInterfaceRegistry(a.Registry).WithTxConfig(a.TxConfig)
	if err := options.EnhanceRootCommand(root); err != nil {
		return nil, fmt.Errorf("describe modules: %w", err)
	}
	return root, nil
}

// payEnough sets the least gas price where the command line says nothing of fees.
func payEnough(cmd *cobra.Command) error {
	price := cmd.Flags().Lookup(flags.FlagGasPrices)
	if price == nil || price.Changed || cmd.Flags().Changed(flags.FlagFees) {
		return nil
	}
	return price.Value.Set(app.MinGasPrices)
}

// clientContext reaches the running chain of the home.
func (c *cli) clientContext(a *app.App) (client.Context, error) {
	where, err := localnet.ReadEndpoints(c.home)
	if err != nil {
		return client.Context{}, err
	}
	keys, err := keyring.New(app.Name, keyring.BackendTest, c.home, c.in, a.Codec)
	if err != nil {
		return client.Context{}, fmt.Errorf("open keyring: %w", err)
	}
	conn, err := grpc.NewClient(where.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return client.Context{}, fmt.Errorf("connect to chain: %w", err)
	}
	rpc, err := client.NewClientFromNode(where.RPC)
	if err != nil {
		return client.Context{}, fmt.Errorf("connect to chain: %w", err)
	}
	return client.Context{}.
		WithChainID(where.ChainID).
		WithCodec(a.Codec).WithInterfaceRegistry(a.Registry).WithLegacyAmino(a.Amino).WithTxConfig(a.TxConfig).
		WithAccountRetriever(authtypes.AccountRetriever{}).
		WithHomeDir(c.home).WithKeyringDir(c.home).WithKeyring(keys).
		WithGRPCClient(conn).WithClient(rpc).WithNodeURI(where.RPC).
		WithInput(c.in).WithOutput(c.out).WithViper(""), nil
}
