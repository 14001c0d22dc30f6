package localnettest

import (
	"io"
	"log/slog"
	"time"

	"github.com/cosmos/cosmos-sdk/types/tx/signing"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
)

const (
	// defaultBlockInterval makes about nine blocks a second.
	defaultBlockInterval = 100 * time.Millisecond
	// defaultBalance is 1 million MED for each account.
	defaultBalance pdx.Amount = 1_000_000_000_000
)

type options struct {
	config  localnet.Config
	names   []string
	balance pdx.Amount
	mode    signing.SignMode
}

// Option changes the chain of a test.
type Option func(*options)

// WithAccounts names the accounts; seller, buyer and validator without it.
func WithAccounts(names ...string) Option { return func(o *options) { o.names = names } }

// WithBalance sets what each account has; 1,000,000 MED without it.
func WithBalance(balance pdx.Amount) Option { return func(o *options) { o.balance = balance } }

// WithBlockInterval sets the pause between blocks; 100 ms without it, least 1 ms.
func WithBlockInterval(d time.Duration) Option {
	return func(o *options) { o.config.BlockInterval = d }
}

// WithDatapool changes the exchange's parameters.
func WithDatapool(d localnet.Datapool) Option { return func(o *options) { o.config.Datapool = d } }

// WithChainID names the chain; panacea-local-1 without it.
func WithChainID(id string) Option { return func(o *options) { o.config.ChainID = id } }

// WithBefore runs the software as it was before it had the exchange.
func WithBefore() Option { return func(o *options) { o.config.Before = true } }

// WithVotingPeriod sets how long governance votes; a minute without it.
func WithVotingPeriod(d time.Duration) Option {
	return func(o *options) { o.config.VotingPeriod = d }
}

// WithAmino signs transactions as hardware wallets do, in amino JSON.
func WithAmino() Option {
	return func(o *options) { o.mode = signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON }
}

// WithLog writes everything the chain says to w, to look into a failure.
func WithLog(w io.Writer) Option {
	return func(o *options) {
		o.config.Verbose = true
		o.config.Logger = slog.New(slog.NewTextHandler(w, nil))
	}
}
