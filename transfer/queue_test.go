package transfer

import (
	"context"
	"log/slog"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

var here, there = netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")

// onWarning is a log that calls heard when there is a warning.
func onWarning(heard func()) *slog.Logger { return slog.New(warnings{slog.DiscardHandler, heard}) }

type warnings struct {
	slog.Handler
	heard func()
}

func (w warnings) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }
func (w warnings) Handle(context.Context, slog.Record) error    { w.heard(); return nil }
func (w warnings) WithAttrs([]slog.Attr) slog.Handler           { return w }

func inBubble(t *testing.T, places int, f func(t *testing.T, q *queue, take func(peer.ID) chan *grant)) {
	synctest.Test(t, func(t *testing.T) {
		l := defaultServerLimits()
		l.bodies = places
		q := newQueue(l)
		f(t, q, func(who peer.ID) chan *grant {
			got := make(chan *grant, 1)
			go func() { got <- q.take(t.Context(), who, here, func() {}) }()
			synctest.Wait()
			return got
		})
	})
}

func ready(c chan *grant) bool { return len(c) == 1 }

func TestLongestWaitingComesFirst(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, q *queue, take func(peer.ID) chan *grant) {
		first := <-take("a")
		b, c := take("b"), take("c")
		require.False(t, ready(b) || ready(c))
		q.give(first)
		synctest.Wait()
		require.True(t, ready(b))
		q.give(<-b)
		synctest.Wait()
		q.give(<-c)
		require.Empty(t, q.held)
		require.Empty(t, q.grants)
	})
}

// Who holds many places comes after who holds none, however long it waited.
func TestManyLanesDoNotStarveOthers(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, q *queue, take func(peer.ID) chan *grant) {
		a1, a2 := <-take("a"), <-take("a")
		a3, b := take("a"), take("b")
		q.give(a1)
		synctest.Wait()
		require.True(t, ready(b))
		require.False(t, ready(a3))
		q.give(a2)
		synctest.Wait()
		q.give(<-a3)
		q.give(<-b)
	})
}

// Who takes nothing gives its place on until it takes something.
func TestPausedHasNoPlace(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, q *queue, take func(peer.ID) chan *grant) {
		slow := <-take("slow")
		slow.block(true)
		b, c := take("b"), take("c")
		require.False(t, ready(b))
		time.Sleep(q.limits.pauseTime + q.limits.pollTime) // a bubble's
		synctest.Wait()
		require.True(t, ready(b))
		slow.block(false)
		q.give(<-b)
		synctest.Wait()
		require.False(t, ready(c), "slow has it again")
		q.give(slow)
		synctest.Wait()
		q.give(<-c)
	})
}

// Who takes nothing while others wait, and there are too many of its kind, loses its
// turn and comes last for a while.
func TestStalledLosesItsTurn(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, q *queue, take func(peer.ID) chan *grant) {
		evicted, start := make(chan peer.ID, bodiesPerSlot), time.Now()
		var lazy []*grant
		for i := range bodiesPerSlot {
			who := peer.ID("lazy " + string(rune('0'+i)))
			l := q.take(t.Context(), who, here, func() { evicted <- who })
			l.block(true)
			lazy = append(lazy, l)
		}
		admitted := time.Since(start)
		require.Less(t, admitted, bodiesPerSlot*(q.limits.pauseTime+q.limits.pollTime))
		honest := take("b")
		require.Equal(t, lazy[0].peer, <-evicted)
		require.InDelta(t, q.limits.impatience, time.Since(start), float64(2*q.limits.pollTime))
		again := take(lazy[0].peer)
		other := take("c")
		for _, l := range lazy {
			q.give(l)
		}
		synctest.Wait()
		q.give(<-honest)
		synctest.Wait()
		require.False(t, ready(again))
		q.give(<-other)
		q.give(<-again)
	})
}

func TestPlacesForThoseWhoTakeWhatTheyAskFor(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, q *queue, take func(peer.ID) chan *grant) {
		known := <-take("known")
		q.used(known)
		q.give(known)
		var crowd []chan *grant
		for i := range 9 {
			crowd = append(crowd, take(peer.ID("new "+string(rune('0'+i)))))
		}
		require.True(t, ready(crowd[6]))
		require.False(t, ready(crowd[7]), "the last place is not for everybody")
		last := take("known")
		require.True(t, ready(last))
		q.give(<-last)

		q.late["late"] = time.Now().Add(time.Minute)
		late := take("late")
		for _, c := range crowd[:6] {
			require.False(t, ready(late), "half of the places are for others")
			q.give(<-c)
			synctest.Wait()
		}
		require.True(t, ready(late))
	})
}

func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := defaultServerLimits()
		l.bodies, l.waiters, l.waitersOfAddress = 1, 3, 2
		q := newQueue(l)
		first := q.take(t.Context(), "a", here, func() {})
		got := make(chan *grant, 8)
		for range 2 {
			go func() { got <- q.take(t.Context(), "b", here, func() {}) }()
		}
		synctest.Wait()
		require.Nil(t, q.take(t.Context(), "c", here, func() {}), "of one address")
		go func() { got <- q.take(t.Context(), "d", there, func() {}) }()
		synctest.Wait()
		require.Nil(t, q.take(t.Context(), "e", netip.Prefix{}, func() {}), "in all")
		time.Sleep(l.queueTime + time.Second) // a bubble's: nobody waits for ever
		for range 3 {
			require.Nil(t, <-got)
		}
		q.give(first)
		require.NotNil(t, q.take(t.Context(), "f", here, func() {}))
	})
}

func TestUpload(t *testing.T) {
	u, err := ParseUpload("10MiB", []string{"08:00-18:00 1 MiB", "22:30-06:00 unlimited"})
	require.NoError(t, err)
	at := func(clock string) uint64 {
		c, err := time.Parse("15:04", clock)
		require.NoError(t, err)
		return u.At(c)
	}
	require.Equal(t, uint64(10<<20), at("07:59"))
	require.Equal(t, uint64(1<<20), at("08:00"))
	require.Equal(t, uint64(1<<20), at("17:59"))
	require.Equal(t, uint64(10<<20), at("18:00"))
	require.Zero(t, at("22:30"))
	require.Zero(t, at("00:00"))
	require.Zero(t, at("05:59"))
	require.Equal(t, uint64(10<<20), at("06:00"))
	for _, text := range []string{"x", "1KiB", "-5", "10 apples"} {
		_, err := ParseUpload(text, nil)
		require.ErrorIs(t, err, pdx.ErrInvalid, text)
	}
	for _, text := range []string{"", "8-9", "08:00-18:00", "08:00-08:00 1MiB", "25:00-01:00 1MiB", "08:00 1MiB", "08:00-09:00 1B"} {
		_, err := ParseUpload("", []string{text})
		require.ErrorIs(t, err, pdx.ErrInvalid, text)
	}
}

// The limit holds, changes while bytes are sent, and by the clock.
func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var places []uint64
		u := Upload{Rate: 1 << 20}
		th := newThrottle(u, func(rate uint64) { places = append(places, rate) })
		send := func(n int) time.Duration {
			start := time.Now()
			for range n {
				_, err := th.wait(t.Context(), 64<<10)
				require.NoError(t, err)
			}
			return time.Since(start)
		}
		send(4) // the burst
		require.InDelta(t, 2*time.Second, send(32), float64(50*time.Millisecond))
		th.set(Upload{})
		require.Zero(t, send(1000))
		now := time.Now()
		hour := Hours{From: time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute, Rate: 2 << 20}
		hour.To = hour.From + time.Hour
		th.set(Upload{Hours: []Hours{hour}})
		require.Greater(t, send(64), 1500*time.Millisecond)
		time.Sleep(2 * time.Hour) // a bubble's
		require.Zero(t, send(1000))
		require.Equal(t, []uint64{1 << 20, 0, 2 << 20, 0}, places)
	})
	l := defaultServerLimits()
	require.Equal(t, 1, l.slotsAt(LeastUpload))
	require.Equal(t, 32, l.slotsAt(1<<20))
	require.Equal(t, l.bodies, l.slotsAt(0))
	require.Equal(t, l.bodies, l.slotsAt(1<<40))
}
