package localnet

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cosmossdk.io/log"
	"cosmossdk.io/math"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app"
	datapooltypes "github.com/medibloc/pdx/chain/x/datapool/types"
)

const (
	// faucetBalance is 1,000 million MED: more than a developer can give away,
	// and far from the 2^64 umed that an Amount holds.
	faucetBalance pdx.Amount = 1_000_000_000_000_000
	// stake is a chain validator's own, 1 million MED: 10^6 of voting power.
	stake pdx.Amount = 1_000_000_000_000
)

// genesis is the state being put together.
type genesis struct {
	app      *app.App
	state    app.Genesis
	balances []banktypes.Balance
	accounts authtypes.GenesisAccounts
}

func (h home) writeGenesis(ctx context.Context, cfg Config, keys keyring.Keyring, faucet sdk.AccAddress, founders []founder) error {
	application, err := cfg.software()(log.NewNopLogger(), dbm.NewMemDB(), h.node(0))
	if err != nil {
		return err
	}
	defer application.Close()
	g := &genesis{app: application, state: application.DefaultGenesis()}
	if err := g.fund(cfg, faucet, founders); err != nil {
		return err
	}
	if err := g.found(ctx, cfg.ChainID, keys, founders); err != nil {
		return err
	}
	if err := g.setParams(cfg); err != nil {
		return err
	}
	return g.save(cfg.ChainID, cometConfig(h.node(0), cfg.BlockInterval).GenesisFile())
}

// fund gives the faucet, the founders and the wanted accounts their money.
func (g *genesis) fund(cfg Config, faucet sdk.AccAddress, founders []founder) error {
	g.give(faucet, faucetBalance)
	for _, f := range founders {
		g.give(f.operator, stake)
	}
	for _, a := range cfg.Accounts {
		address, err := sdk.AccAddressFromBech32(string(a.Address))
		if err != nil {
			return fmt.Errorf("account %q: %w: %w", a.Address, pdx.ErrInvalid, err)
		}
		g.give(address, a.Balance)
	}
	return g.writeFunds()
}

func (g *genesis) give(address sdk.AccAddress, amount pdx.Amount) {
	g.accounts = append(g.accounts, authtypes.NewBaseAccountWithAddress(address))
	g.balances = append(g.balances, banktypes.Balance{Address: address.String(), Coins: coins(amount)})
}

func (g *genesis) writeFunds() error {
	packed, err := authtypes.PackAccounts(authtypes.SanitizeGenesisAccounts(g.accounts))
	if err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	accounts := authtypes.NewGenesisState(authtypes.DefaultParams(), nil)
	accounts.Accounts = packed
	bank := banktypes.DefaultGenesisState()
	bank.Balances = banktypes.SanitizeGenesisBalances(g.balances)
	for _, b := range bank.Balances {
		bank.Supply = bank.Supply.Add(b.Coins...)
	}
	bank.DenomMetadata = []banktypes.Metadata{medMetadata}
	g.state[authtypes.ModuleName] = g.app.Codec.MustMarshalJSON(accounts)
	g.state[banktypes.ModuleName] = g.app.Codec.MustMarshalJSON(bank)
	return nil
}

// medMetadata declares to wallets that 1 MED is 10^6 umed.
var medMetadata = banktypes.Metadata{
	Base: pdx.Denom, Display: "med", Name: "MediBloc", Symbol: "MED",
	Description: "The money of Panacea.",
	DenomUnits:  []*banktypes.DenomUnit{{Denom: pdx.Denom}, {Denom: "med", Exponent: 6}},
}

// found adds the transactions by which the founders become chain validators.
func (g *genesis) found(ctx context.Context, chainID string, keys keyring.Keyring, founders []founder) error {
	txs := make([]sdk.Tx, len(founders))
	for i, f := range founders {
		tx, err := f.sign(ctx, chainID, g.app.TxConfig, keys)
		if err != nil {
			return err
		}
		txs[i] = tx
	}
	state, err := genutil.SetGenTxsInAppGenesisState(g.app.Codec, g.app.TxConfig.TxJSONEncoder(), g.state, txs)
	if err != nil {
		return fmt.Errorf("add founding transactions: %w", err)
	}
	g.state = state
	return nil
}

func (g *genesis) setParams(cfg Config) error {
	if !cfg.Before {
		pool := datapooltypes.DefaultGenesis()
		pool.Params = cfg.Datapool.apply(pool.Params, cfg.BlockInterval)
		g.state[datapooltypes.ModuleName] = g.app.Codec.MustMarshalJSON(pool)
	}
	gov := govv1.DefaultGenesisState()
	period, expedited := cfg.VotingPeriod, cfg.VotingPeriod/2
	gov.Params.VotingPeriod, gov.Params.ExpeditedVotingPeriod = &period, &expedited
	g.state[govtypes.ModuleName] = g.app.Codec.MustMarshalJSON(gov)
	if err := g.app.ValidateGenesis(g.state); err != nil {
		return fmt.Errorf("%w: %w", pdx.ErrInvalid, err)
	}
	return nil
}

func (g *genesis) save(chainID, file string) error {
	state, err := json.MarshalIndent(g.state, "", "  ")
	if err != nil {
		return fmt.Errorf("write genesis: %w", err)
	}
	doc := genutiltypes.NewAppGenesisWithVersion(chainID, state)
	doc.AppName = app.Name
	doc.GenesisTime = time.Now().UTC()
	doc.InitialHeight = 1
	doc.Consensus.Params = cmttypes.DefaultConsensusParams()
	if err := doc.ValidateAndComplete(); err != nil {
		return fmt.Errorf("%w: %w", pdx.ErrInvalid, err)
	}
	return doc.SaveAs(file)
}

func coins(a pdx.Amount) sdk.Coins { return sdk.NewCoins(coin(a)) }
func coin(a pdx.Amount) sdk.Coin   { return sdk.NewCoin(pdx.Denom, math.NewIntFromUint64(uint64(a))) }
