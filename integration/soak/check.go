//go:build linux

package soak

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

// check waits until all is at rest and looks for what is wrong. The hostile peers go on
// meanwhile.
func (w *world) check(before market.Books) {
	w.t.Helper()
	w.checkRunning()
	deals := w.market.Ended(patience, w.pools...)
	for _, d := range deals {
		w.deals[d.State]++
		if d.State == pdx.DealFraud || d.State == pdx.DealUndelivered { // all who trade are honest
			w.find("deal %d is %s: its seller lost the deposit: %v", d.ID, d.State, d.History)
		}
	}
	w.checkBought(deals)
	w.market.PaidOut(patience)
	w.closePools()
	w.market.Balanced(before, w.market.Gains(deals))
	w.checkRest()
	w.checkMemory()
	w.checkBlobs()
	w.checkRunning()
	for _, n := range w.market.Fleet.Members() {
		w.market.Must(n.Stop(), "stop "+n.Name)
	}
	w.checkPanics()
}

func (w *world) closePools() {
	w.t.Helper()
	for i, pool := range w.pools {
		w.market.Until(patience, fmt.Sprintf("pool %d is closed", pool), func(ctx context.Context) error {
			_, err := w.market.Buyers[i].Client().ClosePool(ctx, &nodepb.ClosePoolRequest{Id: pool})
			if errors.Is(err, pdx.ErrWrongState) {
				return nil // an earlier try did it
			}
			return err
		})
	}
}

// panicked matches what the Go runtime prints when a program fails.
var panicked = regexp.MustCompile(`(?m)^(panic:|fatal error:|goroutine \d+ \[running\])`)

// checkRunning finds nodes that ended by themselves.
func (w *world) checkRunning() {
	for _, n := range w.market.Fleet.Members() {
		if !n.Running() {
			w.find("%s ended by itself", n.Name)
		}
	}
	w.checkPanics()
}

// checkPanics finds nodes that failed, also those that were started again since.
func (w *world) checkPanics() {
	for _, n := range w.market.Fleet.Members() {
		if panicked.MatchString(n.Log()) {
			w.find("%s panicked: see its log", n.Name)
		}
	}
}

// checkRest waits until no node has anything left to do or to complain of. Each role
// agrees with the chain that all has ended: no deal is left to anybody.
func (w *world) checkRest() {
	w.t.Helper()
	w.market.Until(patience, "every node is at rest", func(ctx context.Context) error {
		for _, n := range w.market.Fleet.Members() {
			if err := atRest(ctx, n.Client()); err != nil {
				return fmt.Errorf("%s: %w", n.Name, err)
			}
		}
		return nil
	})
}

func atRest(ctx context.Context, client api.Client) error {
	st, err := client.Status(ctx, &nodepb.StatusRequest{})
	if err != nil {
		return err
	}
	for _, h := range st.Health {
		if !h.Ok {
			return fmt.Errorf("%s is not well: %s", h.Part, h.Message)
		}
	}
	if len(st.Duties) > 0 || st.KeptBytes > 0 {
		return fmt.Errorf("%d duties and %d bytes of ciphertext are kept", len(st.Duties), st.KeptBytes)
	}
	pulls, err := client.ListPulls(ctx, &nodepb.ListPullsRequest{})
	if err != nil {
		return err
	}
	for _, p := range pulls.Pulls {
		if !model.PullState(p.State).Done() || p.State == string(model.PullFailed) {
			return fmt.Errorf("its pull of deal %d is %s (%s)", p.DealId, p.State, p.Reason)
		}
	}
	return nil
}
