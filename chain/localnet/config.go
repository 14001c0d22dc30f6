package localnet

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/medibloc/pdx"
)

// ChainID is the chain id unless Config has another.
const ChainID = "panacea-local-1"

// Config says what chain to make (Init) and how to run it (New). A zero field takes the
// default that its comment gives.
type Config struct {
	// Home is the directory of the chain; required. Each chain has its own.
	Home string
	// BlockInterval is the pause between blocks, at least 1 ms; 1 s by default. New takes
	// the one that Init recorded.
	BlockInterval time.Duration

	// ChainID, Accounts, VotingPeriod, Validators and Datapool make the genesis; New
	// ignores them.

	// ChainID is the chain id; the constant ChainID by default.
	ChainID string
	// Accounts are those with a balance in the genesis, besides the faucet.
	Accounts []Account
	// VotingPeriod is that of governance; 1 minute by default.
	VotingPeriod time.Duration
	// Validators is the number of chain validators: 1, the default. Init refuses more.
	Validators int
	// Datapool overrides parameters of the exchange.
	Datapool Datapool
	// Before runs the chain without the exchange, as it was before the upgrade that adds
	// it: a plan named app.ExchangeUpgrade halts the chain, and New without Before
	// continues from there. Set it for Init and New.
	Before bool

	// GRPCAddr, RPCAddr and RESTAddr are the host:port to listen on; 127.0.0.1:0 by
	// default. With port 0 the chain takes the ports it had before if they are free,
	// otherwise any.
	GRPCAddr, RPCAddr, RESTAddr string
	// RESTOrigins are the origins of web pages that may read from REST and RPC, like
	// http://localhost:3000, or * for all; none by default.
	RESTOrigins []string
	// Logger receives the log; nil discards it.
	Logger *slog.Logger
	// Verbose logs what CometBFT and the modules log below the level of errors, too.
	Verbose bool
}

// Account is an account with money.
type Account struct {
	Address pdx.Address
	Balance pdx.Amount
}

const (
	defaultBlockInterval = time.Second
	minBlockInterval     = time.Millisecond
	// votingPeriod of governance: long enough to vote by hand, short enough to wait
	// for. Govern votes at once; in a second it is done on a slow machine, too.
	votingPeriod    = time.Minute
	minVotingPeriod = time.Second
	anyLoopbackPort = "127.0.0.1:0"
)

func (c Config) withDefaults() Config {
	if c.ChainID == "" {
		c.ChainID = ChainID
	}
	if c.VotingPeriod == 0 {
		c.VotingPeriod = votingPeriod
	}
	if c.Validators == 0 {
		c.Validators = 1
	}
	if c.GRPCAddr == "" {
		c.GRPCAddr = anyLoopbackPort
	}
	if c.RPCAddr == "" {
		c.RPCAddr = anyLoopbackPort
	}
	if c.RESTAddr == "" {
		c.RESTAddr = anyLoopbackPort
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) validate() error {
	if c.Home == "" {
		return fmt.Errorf("%w: a home directory is wanted", pdx.ErrInvalid)
	}
	if c.Validators != 1 {
		return fmt.Errorf("%w: %d chain validators; this version runs one", pdx.ErrInvalid, c.Validators)
	}
	if c.VotingPeriod < minVotingPeriod {
		return fmt.Errorf("%w: voting period %v is below %v", pdx.ErrInvalid, c.VotingPeriod, minVotingPeriod)
	}
	if c.BlockInterval != 0 && c.BlockInterval < minBlockInterval {
		return fmt.Errorf("%w: block interval %v is below %v", pdx.ErrInvalid, c.BlockInterval, minBlockInterval)
	}
	return nil
}
