package client

import (
	"time"

	"github.com/medibloc/pdx"
)

const (
	// MinGasPrice is Panacea's minimum, in umed for one unit of gas.
	MinGasPrice = 5
	// DefaultMaxFee allows a transaction of 4,000,000 gas at MinGasPrice, several
	// times what the largest message of the module needs.
	DefaultMaxFee pdx.Amount = 20_000_000
	// DefaultPoll is a sixth of Panacea's block time.
	DefaultPoll = time.Second

	// gasHeadroom covers what state may have grown between simulation and block.
	gasHeadroomPercent = 40
	// timeoutBlocks is how many blocks a transaction may wait: two minutes at
	// Panacea's 6 s, long enough for a busy mempool.
	timeoutBlocks = 20
	// sequenceTries bounds how often a transaction is signed anew because the
	// chain expected another sequence.
	sequenceTries = 5
	// maxAnswer bounds one gRPC answer: a page of maxPage deals with every
	// certificate and field list at its limit stays below it.
	maxAnswer = 32 << 20
	// defaultPage and maxPage bound a list query.
	defaultPage = 100
	maxPage     = 500
)
