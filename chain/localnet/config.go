package localnet

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/medibloc/pdx"
)

// ChainID is the id of a development chain that was given no other.
const ChainID = "panacea-local-1"

// Config says what chain to make (Init) and how to run it (New). Zero fields
// take the defaults named here.
type Config struct {
	// Home is the directory that holds everything; required. One chain each.
	Home string
	// BlockInterval is the pause between blocks; 1 s, least 1 ms. New takes the
	// one that Init recorded.
	BlockInterval time.Duration

	// ChainID, Accounts, VotingPeriod, Validators and Datapool make the genesis; New
	// ignores them.

	// ChainID is panacea-local-1.
	ChainID string
	// Accounts have money from the first block on.
	Accounts []Account
	// VotingPeriod of governance; 1 minute.
	VotingPeriod time.Duration
	// Validators is the number of chain validators; 1, and more is refused as yet.
	Validators int
	// Datapool changes the exchange's parameters.
	Datapool Datapool
	// Before runs the software as it was before it had the exchange, to rehearse the
	// upgrade: a plan named app.ExchangeUpgrade halts it, and New without Before goes
	// on from there. Give it to Init and New.
	Before bool

	// GRPCAddr, RPCAddr and RESTAddr are host:port to listen on; 127.0.0.1:0. With
	// port 0 the chain takes the ports it had before if they are free, else any.
	GRPCAddr, RPCAddr, RESTAddr string
	// RESTOrigins are the web pages that may read from REST and RPC, like
	// http://localhost:3000, or * for all; none.
	RESTOrigins []string
	// Logger gets the log; nil discards it.
	Logger *slog.Logger
	// Verbose logs what CometBFT and the modules say below errors, too.
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
