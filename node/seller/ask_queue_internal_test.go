package seller

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store/storetest"
)

// many sales go to one validator, several to more than one.
const (
	many    = 1000
	several = 150
)

// crowd is validators as the seller reaches them, each with an answer of its own.
type crowd struct {
	mu     sync.Mutex
	answer map[pdx.Address]func(ctx context.Context, r Request, progress func(pdx.Progress)) (pdx.Verdict, error)
	flying map[pdx.Address]int
	most   map[pdx.Address]int // in flight at once
	asked  map[pdx.Address][]pdx.DealID
}

func newCrowd() *crowd {
	return &crowd{
		answer: map[pdx.Address]func(context.Context, Request, func(pdx.Progress)) (pdx.Verdict, error){},
		flying: map[pdx.Address]int{}, most: map[pdx.Address]int{}, asked: map[pdx.Address][]pdx.DealID{},
	}
}

func (c *crowd) Ask(ctx context.Context, v pdx.Address, r Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
	c.mu.Lock()
	c.flying[v]++
	c.most[v] = max(c.most[v], c.flying[v])
	c.asked[v] = append(c.asked[v], r.Deal)
	answer := c.answer[v]
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.flying[v]--
	}()
	return answer(ctx, r, progress)
}

func (c *crowd) asks(v pdx.Address) []pdx.DealID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]pdx.DealID(nil), c.asked[v]...)
}

func (c *crowd) atOnce(v pdx.Address) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most[v]
}

func (c *crowd) answers(v pdx.Address, answer func(context.Context, Request, func(pdx.Progress)) (pdx.Verdict, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer[v] = answer
}

// taking is a validator that has slots, works for a while on each deal and then
// waits for a block.
type taking struct {
	slots       chan struct{}
	work, block time.Duration
	says        int // slots that it advertises
	busy        int
	mu          sync.Mutex
}

func newTaking(slots int, work, block time.Duration) *taking {
	return &taking{slots: make(chan struct{}, slots), work: work, block: block, says: slots}
}

func (v *taking) ask(ctx context.Context, _ Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
	select {
	case v.slots <- struct{}{}:
	default:
		v.mu.Lock()
		v.busy++
		v.mu.Unlock()
		return pdx.Verdict{}, &BusyError{After: time.Second, Slots: v.says, Why: "no slot"}
	}
	progress(pdx.Progress{Stage: pdx.StagePulling, Slots: v.says})
	if !sleep(ctx, v.work) {
		<-v.slots
		return pdx.Verdict{}, ctx.Err()
	}
	<-v.slots
	progress(pdx.Progress{Stage: pdx.StageCertifying, Slots: v.says})
	sleep(ctx, v.block)
	return pdx.Verdict{Accepted: true}, ctx.Err()
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// shop is a seller's service with sales that were offered.
type shop struct {
	*Service
	crowd   *crowd
	workers []*worker
}

func newShop(t *testing.T, sales int, validators ...pdx.Address) *shop {
	t.Helper()
	s := &Service{
		chainID: "panacea-test-1", folder: filepath.Join(t.TempDir(), "d"), secrets: &storetest.Secrets{}, sales: &storetest.Table[model.Sale]{},
		newSeed: func(context.Context) (seal.Seed, error) { return seal.NewSeed(), nil },
		feed:    newFeed(), asks: newAskQueues(), workers: newWorkers(),
	}
	x := &shop{Service: s, crowd: newCrowd()}
	s.validators = x.crowd
	nonce := seal.NewNonce()
	key, err := s.key(t.Context(), nonce)
	require.NoError(t, err)
	for i := range sales {
		sale := model.Sale{
			ID: fmt.Sprintf("s%04d", i), Pool: pdx.PoolID(i%3 + 1), Deal: pdx.DealID(i + 1), State: model.SaleOffered, Validators: validators,
			Dataset: &pdx.Dataset{Nonce: nonce, Key: key.Public()},
		}
		require.NoError(t, s.sales.Put(t.Context(), sale.ID, sale))
		s.feed.set(sale)
		x.workers = append(x.workers, newWorker(s, sale))
	}
	return x
}

// ask queues all sales; deadlines tells how long each has.
func (x *shop) ask(t *testing.T, deadline func(i int) time.Duration) {
	t.Helper()
	for i, w := range x.workers {
		sale, err := x.sales.Get(t.Context(), w.sale)
		require.NoError(t, err)
		deal := pdx.Deal{ID: sale.Deal, Validators: sale.Validators, DeadlineTime: time.Now().Add(deadline(i))}
		w.ask(t.Context(), sale, deal, deal.Validators)
	}
}

// done is how many sales have the verdict of a validator.
func (x *shop) done(v pdx.Address) (n int) {
	for _, sale := range x.InProgress() {
		if checkBy(&sale, v).Stage == pdx.StageDone {
			n++
		}
	}
	return n
}

func (x *shop) until(t *testing.T, most time.Duration, holds func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !holds() {
		require.Less(t, time.Since(began), most, "it does not come to that")
		time.Sleep(time.Second)
		synctest.Wait()
	}
	return time.Since(began)
}

func (x *shop) close() {
	for _, w := range x.workers {
		w.stopAsking()
	}
}

func aDay(int) time.Duration { return 24 * time.Hour }

// A thousand sales get a thousand verdicts from a validator that takes 16 at once,
// as fast as it works.
func TestBurstIsAnsweredWithoutIdleGaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newShop(t, many, "v")
		v := newTaking(16, time.Second, 6*time.Second)
		x.crowd.answers("v", v.ask)
		x.ask(t, aDay)
		took := x.until(t, time.Hour, func() bool { return x.done("v") == many })
		// 16 a second by its slots; maxFlying each 7 s by the streams of one peer.
		ideal := many * (7 * time.Second) / maxFlying
		require.Less(t, took, ideal*5/4, "the validator idles")
		require.Zero(t, v.busy, "it says what it takes, and gets no more")
		require.LessOrEqual(t, x.crowd.atOnce("v"), maxFlying)
		require.Len(t, x.crowd.asks("v"), many, "nobody is asked twice")
		x.close()
	})
}

// Verdicts that wait for a block hold up nothing, however long blocks take: the
// validator is asked as fast as it works.
func TestBurstDoesNotWaitForBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newShop(t, several, "v")
		v := newTaking(16, time.Second, 0)
		x.crowd.answers("v", func(ctx context.Context, r Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
			verdict, err := v.ask(ctx, r, progress)
			verdict.Pending = true
			return verdict, err
		})
		x.ask(t, aDay)
		told := func() (n int) {
			for _, sale := range x.InProgress() {
				if c := checkBy(&sale, "v"); c.Stage == pdx.StageCertifying && c.Accepted {
					n++
				}
			}
			return n
		}
		took := x.until(t, time.Hour, func() bool { return told() == several })
		require.Less(t, took, several*time.Second/16*5/4)
		require.Len(t, x.crowd.asks("v"), several, "nobody is asked twice")
		x.close()
	})
}

// A validator that does not say what it takes, and refuses what is too much, is
// learnt.
func TestBurstOnAValidatorThatSaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newShop(t, several, "v")
		slots := make(chan struct{}, 16)
		x.crowd.answers("v", func(ctx context.Context, _ Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
			progress(pdx.Progress{Stage: pdx.StageQueued})
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
			default:
				return pdx.Verdict{}, fmt.Errorf("%w: busy, in words only", pdx.ErrUnavailable)
			}
			progress(pdx.Progress{Stage: pdx.StagePulling})
			sleep(ctx, 6*time.Second)
			return pdx.Verdict{Accepted: true}, ctx.Err()
		})
		x.ask(t, aDay)
		took := x.until(t, time.Hour, func() bool { return x.done("v") == several })
		require.Less(t, took, 2*several*6*time.Second/16, "it idles for more than half of the time")
		x.close()
	})
}

// A validator that is down costs one probe at a time, and takes up the burst when
// it is back.
func TestValidatorThatIsDownAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newShop(t, several, "v", "other")
		x.crowd.answers("v", func(context.Context, Request, func(pdx.Progress)) (pdx.Verdict, error) {
			return pdx.Verdict{}, fmt.Errorf("%w: connection refused", ErrUnreachable)
		})
		x.crowd.answers("other", newTaking(16, time.Second, 0).ask)
		x.ask(t, aDay)
		x.until(t, 10*time.Minute, func() bool { return x.done("other") == several })
		time.Sleep(time.Hour)
		synctest.Wait()
		probes := len(x.crowd.asks("v"))
		require.Less(t, probes, 60, "it is probed, not asked about every sale")
		require.Greater(t, probes, 5)
		for _, sale := range x.InProgress() {
			require.Contains(t, checkBy(&sale, "v").Message, "cannot be reached", "every sale says what it waits for")
		}
		v := newTaking(16, time.Second, 0)
		x.crowd.answers("v", v.ask)
		x.until(t, 2*retryPause.Most+several*time.Second/8, func() bool { return x.done("v") == several })
		x.close()
	})
}

// One that never answers does not keep the others from it.
func TestSlowValidatorDoesNotStopOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newShop(t, several, "slow", "v")
		x.crowd.answers("slow", func(ctx context.Context, _ Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
			progress(pdx.Progress{Stage: pdx.StageQueued, Slots: 16})
			<-ctx.Done()
			return pdx.Verdict{}, ctx.Err()
		})
		x.crowd.answers("v", newTaking(16, time.Second, 0).ask)
		x.ask(t, aDay)
		took := x.until(t, time.Hour, func() bool { return x.done("v") == several })
		require.Less(t, took, several*time.Second/16*5/4)
		require.Equal(t, 16, x.crowd.atOnce("slow"))
		x.close()
	})
}

// The deal whose time ends first is asked about first, whatever its pool.
func TestMostUrgentDealComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 100
		x := newShop(t, n, "v")
		v := newTaking(1, time.Second, 0)
		x.crowd.answers("v", v.ask)
		x.askQueue("v").pace.heard(1)
		x.ask(t, func(i int) time.Duration { return time.Duration(n-i) * time.Hour })
		x.until(t, time.Hour, func() bool { return x.done("v") == n })
		asked := x.crowd.asks("v")
		for i := 2; i < n; i++ { // the first was asked before the others came
			require.Less(t, asked[i], asked[i-1])
		}
		x.close()
	})
}

// A deal that a validator cannot check now waits by itself.
func TestOneDealThatCannotBeCheckedHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, fault := range map[string]error{
			"its own":  fmt.Errorf("%w: its ciphertext is not served", pdx.ErrUnavailable),
			"silence":  fmt.Errorf("%w: reset", ErrUnreachable),
			"refusals": fmt.Errorf("%w: too large", pdx.ErrRefused),
		} {
			x := newShop(t, 50, "v")
			good := newTaking(16, time.Second, 0)
			x.crowd.answers("v", func(ctx context.Context, r Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
				if r.Deal <= 3 {
					progress(pdx.Progress{Stage: pdx.StagePulling, Slots: 16})
					return pdx.Verdict{}, fault
				}
				return good.ask(ctx, r, progress)
			})
			x.ask(t, func(i int) time.Duration { return time.Duration(i+1) * time.Hour })
			x.until(t, time.Minute, func() bool { return x.done("v") == 47 })
			require.Less(t, len(x.crowd.asks("v")), 80, name)
			x.close()
		}
	})
}

// What was asked and what waits ends with its sale, and leaves nothing behind.
func TestStoppedAskingLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newShop(t, several, "v", "down")
		x.crowd.answers("v", func(ctx context.Context, _ Request, _ func(pdx.Progress)) (pdx.Verdict, error) {
			<-ctx.Done()
			return pdx.Verdict{}, ctx.Err()
		})
		x.crowd.answers("down", func(context.Context, Request, func(pdx.Progress)) (pdx.Verdict, error) {
			return pdx.Verdict{}, ErrUnreachable
		})
		x.ask(t, aDay)
		synctest.Wait()
		x.close()
		for _, v := range []pdx.Address{"v", "down"} {
			q := x.askQueue(v)
			q.mu.Lock()
			require.Zero(t, q.flying)
			require.Zero(t, q.working)
			require.Zero(t, q.ready.Len()+q.delayed.Len())
			require.Nil(t, q.timer, "a timer stays")
			q.mu.Unlock()
		}
	})
}
