package clienttest

import (
	"fmt"
	"sync"
	"time"

	"github.com/cosmos/cosmos-sdk/baseapp"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// BlockTime is the time between two blocks.
const BlockTime = datapooltest.BlockTime

// A World is a chain in memory with the ledgers of all accounts on it.
type World struct {
	chain   *datapooltest.Chain
	msgs    *baseapp.MsgServiceRouter // of simulations
	queries *baseapp.GRPCQueryRouter

	mu      sync.Mutex
	known   map[pdx.Address]bool // was sent something once
	held    bool
	waiting []*transaction
	offline bool
	cuts    int                 // how often it was disconnected
	told    map[pdx.Address]int // of how many of them an account that waits has heard
	changed chan struct{}       // closed at the next block
}

// NewWorld returns a chain in memory on which no account has money.
func NewWorld() *World {
	w := &World{
		chain: datapooltest.New(datapooltest.Config{}),
		msgs:  baseapp.NewMsgServiceRouter(), queries: baseapp.NewGRPCQueryRouter(),
		known: map[pdx.Address]bool{}, told: map[pdx.Address]int{}, changed: make(chan struct{}),
	}
	registry := codectypes.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	w.msgs.SetInterfaceRegistry(registry)
	types.RegisterMsgServer(w.msgs, keeper.NewMsgServer(w.chain.Keeper))
	w.queries.SetInterfaceRegistry(registry)
	types.RegisterQueryServer(w.queries, keeper.NewQueryServer(w.chain.Keeper))
	w.NextBlock()
	return w
}

// Account returns the address that belongs to a name.
func Account(name string) pdx.Address { return datapooltest.Account(name) }

// As returns the ledger of an account.
func (w *World) As(account pdx.Address) *client.Ledger {
	return client.NewLedger(account, backend{w, account})
}

// Fund creates money for an account, in umed, and returns the account's ledger.
func (w *World) Fund(account pdx.Address, amount pdx.Amount) *client.Ledger {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known[account] = true
	w.chain.Fund(account, amount)
	return w.As(account)
}

// Head returns the last block.
func (w *World) Head() pdx.Head {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.head()
}

func (w *World) head() pdx.Head {
	present := w.chain.Head()
	last := w.chain.Blocks(present.Height - 1)[0]
	return pdx.Head{ChainID: present.ChainID, Height: last.Height, Time: last.Time}
}

// Hold stops making a block for each transaction: transactions wait until NextBlock, which
// includes those that wait. Release ends that.
func (w *World) Hold() { w.hold(true) }

// Release includes the waiting transactions in a block and makes a block for each
// transaction again.
func (w *World) Release() {
	w.hold(false)
	w.NextBlock()
}

func (w *World) hold(held bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = held
}

// Waiting returns how many transactions wait for a block.
func (w *World) Waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting)
}

// NextBlock makes a block, a BlockTime after the one before.
func (w *World) NextBlock() pdx.Head {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.nextBlock(BlockTime)
}

// Advance makes a block at d after the last one or later, by way of an
// ordinary one.
func (w *World) Advance(d time.Duration) pdx.Head {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nextBlock(max(d, BlockTime))
	return w.nextBlock(BlockTime)
}

// Pass makes blocks until the last one is beyond a height and a time: everything with this
// deadline has been ended.
func (w *World) Pass(height int64, t time.Time) pdx.Head {
	w.mu.Lock()
	defer w.mu.Unlock()
	head := w.head()
	for head.Height <= height || !head.Time.After(t) {
		head = w.nextBlock(BlockTime)
	}
	return head
}

// nextBlock finishes the present block with what waits in it; the one after
// it begins d later. The keeper's end blocker fails only on a damaged store.
func (w *World) nextBlock(d time.Duration) pdx.Head {
	for _, tx := range w.waiting {
		tx.run(w.chain)
	}
	w.waiting = nil
	if _, err := w.chain.NextBlock(d); err != nil {
		panic(fmt.Sprintf("clienttest: the chain halts: %v", err))
	}
	close(w.changed)
	w.changed = make(chan struct{})
	return w.head()
}

// Disconnect cuts all ledgers off from the chain, which continues; Connect ends that.
func (w *World) Disconnect() { w.connect(false) }

// Connect ends what Disconnect began.
func (w *World) Connect() { w.connect(true) }

func (w *World) connect(online bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.offline = !online
	if w.offline {
		w.cuts++
	}
	close(w.changed)
	w.changed = make(chan struct{})
}
