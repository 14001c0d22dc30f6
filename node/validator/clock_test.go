package validator_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// TestDutyOnAWrongClock: the verdict is due by the chain's clock, however wrong this
// machine's is.
func TestDutyOnAWrongClock(t *testing.T) {
	for name, ahead := range map[string]time.Duration{
		"a day behind": 24 * time.Hour, "years behind": 20 * 365 * 24 * time.Hour,
		"a day ahead": -24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.chainAhead = ahead
				s := w.start()
				synctest.Wait()
				w.drawn(1)
				s.Wake(pdx.Event{Kind: "EventDrawn", Deal: 1})
				time.Sleep(certifyTime - time.Hour - time.Minute)
				require.Empty(t, w.deal(1).Certificates, "there is time yet")
				time.Sleep(2 * time.Minute)
				require.Equal(t, pdx.RejectUnavailable, w.verdict(1))
				require.NoError(t, s.Stop(t.Context()))
			})
		})
	}
}

// TestDutyAfterASleep: the machine slept, its timers stood still, and the chain went
// on. The verdict is given as soon as the machine is awake.
func TestDutyAfterASleep(t *testing.T) {
	for name, stalls := range map[string]bool{"its seller never came": false, "while it gathered": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				s := w.start()
				synctest.Wait()
				req := w.drawn(1)
				s.Wake(pdx.Event{Kind: "EventDrawn", Deal: 1})
				ended := make(chan error, 1)
				if stalls {
					w.edit(func() { w.block = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() } })
					go func() { _, err := s.Validate(t.Context(), req, quiet); ended <- err }()
				}
				time.Sleep(9 * time.Minute)
				require.Empty(t, w.deal(1).Certificates)
				w.edit(func() { w.chainAhead = certifyTime - 30*time.Minute })
				time.Sleep(dutyLate)
				require.Equal(t, pdx.RejectUnavailable, w.verdict(1))
				if stalls {
					require.ErrorIs(t, <-ended, pdx.ErrUnavailable)
				}
				require.NoError(t, s.Stop(t.Context()))
			})
		})
	}
}

// dutyLate is how late a verdict may be: a look at the chain's clock, and another
// when the deal was being checked.
const dutyLate = 40 * time.Second

// TestDutyIsNotStarved: there are hints all the time.
func TestDutyIsNotStarved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		synctest.Wait()
		w.drawn(1)
		w.offer(2, patients(1))
		for began := time.Now(); time.Since(began) < certifyTime-59*time.Minute; time.Sleep(5 * time.Second) {
			s.Wake(pdx.Event{Kind: "EventDrawn", Deal: 1})
		}
		require.Equal(t, pdx.RejectUnavailable, w.verdict(1))
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestDutyWhileTheChainIsAway: the chain's time cannot be read when the verdict
// becomes due.
func TestDutyWhileTheChainIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		synctest.Wait()
		w.drawn(1)
		s.Wake(pdx.Event{Kind: "EventDrawn", Deal: 1})
		time.Sleep(certifyTime - 2*time.Hour)
		w.edit(func() { w.fail = func(string) error { return errors.New("no route") } })
		time.Sleep(90 * time.Minute)
		w.edit(func() { w.fail = nil })
		time.Sleep(dutyLate)
		require.Equal(t, pdx.RejectUnavailable, w.verdict(1))
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestResumeFindsDutiesAndEnds: the machine slept through the events.
func TestResumeFindsDutiesAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		s := w.start()
		_, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err)
		synctest.Wait()
		d := w.deal(1)
		d.State = pdx.DealFinal
		w.set(d)
		w.drawn(2)
		s.Resume()
		synctest.Wait()
		require.Empty(t, w.stored)
		require.Len(t, s.Duties(), 1)
		require.NoError(t, s.Stop(t.Context()))
	})
}
