package client

import (
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/internal/backoff"
)

const (
	// MinGasPrice is Panacea's minimum, in umed for one unit of gas.
	MinGasPrice = 5
	// DefaultMaxGasPrice is ten times Panacea's minimum: governance and operators raise it in
	// steps, and a lying endpoint can make nobody pay more.
	DefaultMaxGasPrice = 10 * MinGasPrice
	// recordGas is that of an ack of 100 deals, the dearest message that writes a pool or a
	// deal (docs/spec/datapool.md, section 12).
	recordGas = 5_600_000
	// accountGas is four times that of registering a validator, the dearest message that
	// writes neither, whose addresses may be several times longer than those measured.
	accountGas = 430_000
	// priceTTL is how long a gas price that was read is used. A price that was raised in
	// between shows in a refusal.
	priceTTL = 10 * time.Minute
	// DefaultMaxFee allows a transaction of 10,000,000 gas at MinGasPrice: the
	// dearest of the module, an ack of 100 deals, takes 5,600,000 at most and the headroom (docs/spec/datapool.md, section 12).
	DefaultMaxFee pdx.Amount = 50_000_000
	// DefaultPoll is a sixth of Panacea's block time.
	DefaultPoll = time.Second

	// gasHeadroomPercent covers what state may grow between simulation and block.
	// gasHeadroomLeast covers another's transaction in between that leaves more to
	// do for ours: a certificate that becomes the k-th moves the deal on, for
	// 50,000 gas more than one that does not (measured).
	gasHeadroomPercent = 40
	gasHeadroomLeast   = 70_000
	// timeoutBlocks is how many blocks a transaction may wait: two minutes at
	// Panacea's 6 s, long enough for a busy mempool.
	timeoutBlocks = 20
	// sequenceTries bounds how often a transaction is signed again because the
	// chain expected another sequence.
	sequenceTries = 5

	// maxAnswer bounds one gRPC answer: a page of maxPage deals, each below 16 KB
	// of certificates and 64 KB of fields, is 16 MB.
	maxAnswer = 32 << 20
	// maxBlockAnswer bounds one RPC answer. Panacea's blocks have 21 MiB, a third
	// more in base64; the results of one are of the same order.
	maxBlockAnswer = 64 << 20
	// callTimeout ends a call to an endpoint that hangs: maxBlockAnswer at 17 Mbit/s.
	callTimeout = 30 * time.Second
	// silenceTime ends a connection on which an answer is missing: the module's queries
	// take milliseconds, and a path of one second's round trip on which each packet
	// is lost twice needs 7 s. With dialTimeout and a poll, a node is disconnected
	// for 20 s at most, whatever the path did.
	silenceTime = 10 * time.Second
	// dialTimeout bounds a TCP handshake and what follows it.
	dialTimeout = 5 * time.Second
	// redialFirst doubles to redialMost, the pause between attempts to connect: a
	// node that is back is noticed within 5 s.
	redialFirst = 250 * time.Millisecond
	redialMost  = 3 * time.Second
	// defaultPage and maxPage are the module's bounds of a page.
	defaultPage = types.DefaultPageLimit
	maxPage     = types.MaxPageLimit
	// maxValidatorPages bounds the list of validators at 20,000, each of which has a bond or
	// had one for the unbonding time and has left a short record.
	maxValidatorPages = 100

	// maxLag is how far an endpoint may be behind another: five of Panacea's 6 s.
	maxLag = 30 * time.Second
	// leaveLiar is how long an endpoint that lied is asked last.
	leaveLiar = 10 * time.Minute
)

// leavePause is how long a failing endpoint is avoided: a hanging one costs each query up to
// callTimeout. A few endpoints of one node need no
// jitter.
var leavePause = backoff.Doubling{First: 5 * time.Second, Most: 5 * time.Minute}

// times are what an endpoint's calls may take.
type times struct {
	call, silence time.Duration
	endpoints     int // how many there are to ask
}

// idle returns how long an unused connection is kept: it is closed before it counts as silent.
func (t times) idle() time.Duration { return t.silence * 4 / 5 }
