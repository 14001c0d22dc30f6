package kit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
)

// Target is the node under test.
type Target struct {
	ChainID string
	// Peer is its id and addresses, of which one is reached by TCP.
	Peer peer.AddrInfo
	// Public is a blob that it serves to anybody, such as the criteria of an open pool of its
	// account. Zero: checks that need one are skipped.
	Public pdx.ContentID
	// NoCodes says that its multiplexer shows no reset codes, so that every reset is like another.
	NoCodes bool
	// Slow runs the checks that wait for a time limit, too.
	Slow bool
	// Only names the checks to make, by what their ids begin with, such as "hello/". Empty: all.
	Only string
}

// Outcome is how a check ended.
type Outcome string

// Outcomes.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped"
)

// Result is the outcome of one check.
type Result struct {
	ID      string  `json:"id"`
	Section string  `json:"section"` // of docs/spec
	Rule    string  `json:"rule"`
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"` // why it failed or was skipped
}

// check is one rule and how to find out whether a target keeps it.
type check struct {
	id, section, rule string
	name              string // of the protocol that the target must speak, empty for none
	optional          bool   // the protocol is not every node's
	public            bool   // needs Target.Public
	slow              bool
	anybody           bool // needs no identity of its own: the target does not learn who asks
	run               func(ctx context.Context, s *stranger) error
}

// all returns every check, in the order of the report.
func all() []check {
	return slices.Concat(shared(channelChecks()), helloChecks(), shared(blobChecks()), shared(bodyChecks()), shared(manyChecks()),
		perfChecks(), ackChecks(), validateChecks(), shared(dhtChecks()))
}

const (
	atOnce   = 8                // checks at a time: below what one address may do at every server
	patience = 30 * time.Second // of one check, longer than every time limit that a check waits for
)

// Run runs all checks, and returns their results in a fixed order. It fails only if the
// target cannot be reached at all.
func Run(ctx context.Context, t Target) ([]Result, error) {
	checks := slices.DeleteFunc(all(), func(c check) bool { return !strings.HasPrefix(c.id, t.Only) })
	if len(checks) == 0 {
		return nil, fmt.Errorf("no check is named %q: %w", t.Only, pdx.ErrInvalid)
	}
	anybody, err := newStranger(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("reach %s: %w", t.Peer.ID, err)
	}
	defer anybody.close()
	served, err := anybody.host.Peerstore().GetProtocols(t.Peer.ID) // connecting waits for identify
	if err != nil || len(served) == 0 {
		return nil, cmp.Or(err, fmt.Errorf("reach %s: it does not answer identify", t.Peer.ID))
	}
	results := make([]Result, len(checks))
	slots := make(chan struct{}, atOnce)
	var work sync.WaitGroup
	for i, c := range checks {
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-slots }()
			results[i] = c.result(ctx, anybody, served)
		})
	}
	work.Wait()
	return results, ctx.Err()
}

func (c check) result(ctx context.Context, anybody *stranger, served []protocol.ID) Result {
	t := anybody.target
	r := Result{ID: c.id, Section: c.section, Rule: c.rule, Outcome: Skipped}
	offered := c.name == "" || slices.Contains(served, named(t.ChainID, c.name))
	switch {
	case !offered && c.optional:
		r.Reason = "the node does not serve " + c.name
	case c.slow && !t.Slow:
		r.Reason = "slow checks are not asked for"
	case c.public && t.Public.IsZero():
		r.Reason = "no public blob is given"
	default:
		r.Outcome = Passed
		if err := c.attempt(ctx, anybody); err != nil {
			r.Outcome, r.Reason = Failed, err.Error()
		}
	}
	return r
}

func (c check) attempt(ctx context.Context, s *stranger) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if !c.anybody {
		if s, err = anotherStranger(ctx, s.target); err != nil {
			return err
		}
		defer s.close()
	}
	err = c.run(ctx, s)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("no answer in %v: %w", patience, err)
	}
	return err
}

// shared marks checks of which the target does not learn who makes them.
func shared(checks []check) []check {
	for i := range checks {
		checks[i].anybody = true
	}
	return checks
}
