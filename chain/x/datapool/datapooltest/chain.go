package datapooltest

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	"cosmossdk.io/core/header"
	"cosmossdk.io/log"
	"cosmossdk.io/math"
	"cosmossdk.io/store"
	"cosmossdk.io/store/metrics"
	storetypes "cosmossdk.io/store/types"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	cdctypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Config says how a chain begins; the zero value is fine.
type Config struct {
	ChainID string              // default panacea-test-1
	Start   time.Time           // of the first block; default 2026-01-01
	Height  int64               // of the first block; default 1
	Genesis *types.GenesisState // default Params and nothing else
	// Holdings are put into accounts before the genesis state is read.
	Holdings map[pdx.Address]pdx.Amount
	// ModuleHolding is put into the module's account likewise.
	ModuleHolding pdx.Amount
}

// Block is a finished block.
type Block struct {
	Height int64
	Time   time.Time
	Events []proto.Message // the module's typed events, in order
}

// Chain is the module in a block of a chain.
type Chain struct {
	// Keeper is the module's. What is done with it directly is not recorded.
	Keeper keeper.Keeper
	// StoreKey is that of the module's store, for tests that damage it.
	StoreKey storetypes.StoreKey

	addresses address.Bech32Codec
	router    *baseapp.MsgServiceRouter
	bank      bank

	mu     sync.Mutex
	ctx    sdk.Context
	events []proto.Message // of the present block
	blocks []Block
}

// New starts a chain in its first block. It panics on a configuration that no chain
// could start from.
func New(config Config) *Chain {
	c, err := Start(config)
	if err != nil {
		panic(fmt.Sprintf("datapooltest: %v", err))
	}
	return c
}

// Start is New for a configuration that may be one no chain could start from.
func Start(config Config) (*Chain, error) {
	key, bankKey := storetypes.NewKVStoreKey(types.StoreKey), storetypes.NewKVStoreKey("bank")
	ctx, err := newContext(config, key, bankKey)
	if err != nil {
		return nil, err
	}
	c := &Chain{
		StoreKey: key, addresses: address.Bech32Codec{Bech32Prefix: pdx.AddressPrefix}, router: baseapp.NewMsgServiceRouter(), ctx: ctx,
	}
	if c.bank, err = newBank(runtime.NewKVStoreService(bankKey)); err != nil {
		return nil, err
	}
	registry := cdctypes.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	c.Keeper = keeper.NewKeeper(codec.NewProtoCodec(registry), runtime.NewKVStoreService(key), c.addresses, c.bank, string(Authority()))
	c.router.SetInterfaceRegistry(registry)
	types.RegisterMsgServer(c.router, keeper.NewMsgServer(c.Keeper))
	return c, c.begin(config)
}

func newContext(config Config, keys ...storetypes.StoreKey) (sdk.Context, error) {
	db := dbm.NewMemDB()
	stores := store.NewCommitMultiStore(db, log.NewNopLogger(), metrics.NewNoOpMetrics())
	for _, key := range keys {
		stores.MountStoreWithDB(key, storetypes.StoreTypeDB, db)
	}
	if err := stores.LoadLatestVersion(); err != nil {
		return sdk.Context{}, err
	}
	first := cmtproto.Header{ChainID: "panacea-test-1", Height: 1, Time: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	if config.ChainID != "" {
		first.ChainID = config.ChainID
	}
	first.Height = max(1, config.Height)
	if !config.Start.IsZero() {
		first.Time = config.Start.UTC()
	}
	if config.Height != 0 {
		first.Height = config.Height
	}
	return inBlock(sdk.NewContext(stores, first, false, log.NewNopLogger()), first), nil
}

// inBlock returns the context in a block; the block's hash is that of its height.
func inBlock(ctx sdk.Context, h cmtproto.Header) sdk.Context {
	hash := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(h.Height)))
	return ctx.WithBlockHeader(h).WithHeaderInfo(header.Info{ChainID: h.ChainID, Height: h.Height, Time: h.Time, Hash: hash[:]})
}

// begin puts holdings and genesis into the stores.
func (c *Chain) begin(config Config) error {
	for account, amount := range config.Holdings {
		c.Fund(account, amount)
	}
	if config.ModuleHolding != 0 {
		if err := c.mint(keeper.ModuleAddress(), config.ModuleHolding); err != nil {
			return err
		}
	}
	genesis := config.Genesis
	if genesis == nil {
		genesis = types.DefaultGenesis()
		genesis.Params = Params()
	}
	return c.Keeper.InitGenesis(c.ctx, genesis)
}

// Fund puts money into an account out of nothing.
func (c *Chain) Fund(account pdx.Address, amount pdx.Amount) {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw, err := c.addresses.StringToBytes(string(account))
	if err == nil {
		err = c.mint(raw, amount)
	}
	if err != nil {
		panic(fmt.Sprintf("datapooltest: fund %s: %v", account, err))
	}
}

func (c *Chain) mint(to sdk.AccAddress, amount pdx.Amount) error {
	coin := sdk.NewCoin(pdx.Denom, math.NewIntFromUint64(uint64(amount)))
	return c.bank.set(c.ctx, to, c.bank.GetBalance(c.ctx, to, coin.Denom).Add(coin))
}

// Spendable returns what an account has in the bank.
func (c *Chain) Spendable(account pdx.Address) pdx.Amount {
	raw, err := c.addresses.StringToBytes(string(account))
	if err != nil {
		return 0
	}
	return c.holding(raw)
}

// Held returns what the module's account has in the bank.
func (c *Chain) Held() pdx.Amount { return c.holding(keeper.ModuleAddress()) }

func (c *Chain) holding(account sdk.AccAddress) pdx.Amount {
	c.mu.Lock()
	defer c.mu.Unlock()
	return pdx.Amount(c.bank.GetBalance(c.ctx, account, pdx.Denom).Amount.Uint64())
}

// Head returns the block in which the chain stands; it is not finished.
func (c *Chain) Head() pdx.Head {
	c.mu.Lock()
	defer c.mu.Unlock()
	return pdx.Head{ChainID: c.ctx.ChainID(), Height: c.ctx.BlockHeight(), Time: c.ctx.BlockTime()}
}

// Exec runs a message in the present block, all or nothing.
func (c *Chain) Exec(msg sdk.Msg) (proto.Message, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, write := c.ctx.CacheContext()
	result, err := c.router.Handler(msg)(ctx, msg)
	if err != nil {
		return nil, err
	}
	write()
	c.record(result.Events)
	return result.MsgResponses[0].GetCachedValue().(proto.Message), nil
}

// Read gives fn the state and the queries of the present block. What fn writes
// is dropped.
func (c *Chain) Read(fn func(ctx sdk.Context, query types.QueryServer) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, _ := c.ctx.CacheContext()
	return fn(ctx, keeper.NewQueryServer(c.Keeper))
}

// Damage lets fn write to the module's raw store.
func (c *Chain) Damage(fn func(raw storetypes.KVStore)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fn(c.ctx.KVStore(c.StoreKey))
}

// NextBlock runs the end blocker and opens the next block, d later. It returns
// the finished block, or the end blocker's error, with which a chain would halt.
func (c *Chain) NextBlock(d time.Duration) (Block, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	manager := sdk.NewEventManager()
	ctx, write := c.ctx.WithEventManager(manager).CacheContext()
	if err := c.Keeper.EndBlock(ctx); err != nil {
		return Block{}, err
	}
	write()
	c.record(manager.ABCIEvents())
	block := Block{Height: c.ctx.BlockHeight(), Time: c.ctx.BlockTime(), Events: c.events}
	c.blocks, c.events = append(c.blocks, block), nil
	next := c.ctx.BlockHeader()
	next.Height, next.Time = next.Height+1, next.Time.Add(d)
	c.ctx = inBlock(c.ctx, next)
	return block, nil
}

// Blocks returns the finished blocks from a height on.
func (c *Chain) Blocks(from int64) []Block {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, block := range c.blocks {
		if block.Height >= from {
			return append([]Block(nil), c.blocks[i:]...)
		}
	}
	return nil
}

// Events returns the module's events of the present block so far.
func (c *Chain) Events() []proto.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]proto.Message(nil), c.events...)
}

// record keeps the module's events; the SDK's own are nobody's truth.
func (c *Chain) record(events []abci.Event) {
	for _, event := range events {
		if !strings.HasPrefix(event.Type, "panacea.datapool.v3.") {
			continue
		}
		typed, err := sdk.ParseTypedEvent(event)
		if err != nil {
			panic(fmt.Sprintf("datapooltest: event %s: %v", event.Type, err))
		}
		c.events = append(c.events, typed)
	}
}

// FundModule sends money to the module's account past the module, as anyone can.
func (c *Chain) FundModule(amount pdx.Amount) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.mint(keeper.ModuleAddress(), amount); err != nil {
		panic(fmt.Sprintf("datapooltest: fund the module: %v", err))
	}
}

// CloseBank has every transfer of the bank fail until it is opened again.
func (c *Chain) CloseBank(closed bool) { c.bank.closed.Store(closed) }
