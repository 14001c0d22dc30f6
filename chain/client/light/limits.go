package light

import "time"

const (
	// DefaultPeriod is two thirds of Panacea's unbonding period of 21 days, as CometBFT
	// recommends; the rest is for punishing validators that signed false headers.
	DefaultPeriod = 14 * 24 * time.Hour
	// MaxAge is the largest age of a source's newest block: ten of Panacea's block
	// intervals of 6 s.
	MaxAge = time.Minute
	// maxDrift is how far a block's time may be ahead of this machine's clock;
	// CometBFT's default.
	maxDrift = 10 * time.Second

	// askTimeout bounds the requests to one source for one header: the headers in
	// between and their validator sets, a few dozen requests at worst. It is below
	// the timeout of one call, which CometBFT's provider would answer by sleeping.
	askTimeout = 20 * time.Second

	// keepBlocks bounds the verified blocks in memory: the newest verifies the next, and
	// the one before it decides when two sources disagree about the newest.
	keepBlocks = 8
	// saveEvery is how much newer a header must be than the saved one: what a
	// crash loses is verified again in one step. Saving each header would write about
	// 10 KB at every query.
	saveEvery = time.Hour
	// saveShare saves more often if the trusting period is short.
	saveShare = 24

	// maxProof bounds one proof operation, in bytes: 64 levels of a tree, each of
	// at most 34 + 33 + 4 bytes, twice for an absence, are below 10 KB.
	maxProof = 64 << 10
	// maxValue bounds one value: a deal has at most 64 KB of fields and 16 KB of
	// certificates.
	maxValue = 1 << 20
)
