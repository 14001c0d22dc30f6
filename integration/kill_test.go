package integration_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
)

const (
	fewKills = 20
	// A process is down, and all are up, for a random time of at most that.
	longestDown = 1500 * time.Millisecond
	longestUp   = 4 * time.Second
	// killDeadlines are short enough that what is lost ends within a test and
	// long enough that what is not goes on.
	killDeadlines = "certify=60s,ack=60s,key=60s,dispute=2s"
	killPatience  = 4 * time.Minute
)

// TestKill kills any process of a network at any moment, over and over, while
// both sellers sell one dataset after another. However that ends for each deal,
// nobody loses a umed by it, and what was paid for is decrypted.
func TestKill(t *testing.T) {
	t.Parallel()
	kills, seed := number(t, "PDX_KILLS", fewKills), number(t, "PDX_SEED", rand.Uint64())
	t.Logf("PDX_KILLS=%d PDX_SEED=%d", kills, seed)
	m := market.Open(t, market.Options{Validators: 2, Sellers: 2, Deadlines: killDeadlines})
	count := 20 + 2*kills // more than there is time for
	m.Must(m.Fleet.Fund(t.Context(), m.Buyer.Account, market.Price*pdx.Amount(count)), "fund the buyer")
	before := m.Books()
	pool := m.OpenPool(market.Pool{Count: count})
	m.Pull(pool)

	stop := m.SellOn(seed, pool)
	killAny(m, int(kills), rand.New(rand.NewPCG(seed, 0)))
	require.NoError(t, stop())

	deals := m.Ended(killPatience, pool)
	m.AllBought(deals)
	m.PaidOut(market.Patience)
	_, err := m.Buyer.Client().ClosePool(t.Context(), &nodepb.ClosePoolRequest{Id: pool})
	require.NoError(t, err)
	m.Balanced(before, m.Gains(deals))
}

func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, name)
	return n
}

// killAny kills one process after the other, each as often as the others, and
// starts it again; now and then two are down at once.
func killAny(m *market.Market, kills int, random *rand.Rand) {
	m.T.Helper()
	victims, ends := victimsOf(m), m.Fleet.Endpoints()
	var turn []int
	for done := 0; done < kills; {
		if len(turn) == 0 {
			turn = random.Perm(len(victims))
		}
		together := min(1+random.IntN(3)/2, len(turn), kills-done)
		<-time.After(between(random, longestUp))
		for _, i := range turn[:together] {
			done++
			m.T.Logf("%s  kill %2d: %s", time.Now().Format("15:04:05.000"), done, victims[i].name)
			victims[i].kill()
		}
		for _, i := range turn[:together] { // who starts first finds the other gone
			<-time.After(between(random, longestDown))
			m.Must(victims[i].start(m.T.Context()), "start "+victims[i].name+" again")
		}
		turn = turn[together:]
		require.Equal(m.T, ends.GRPC, m.Fleet.Endpoints().GRPC, "the chain is found where it was")
		requireRunning(m)
	}
}

// victim is a process that can be killed and started again.
type victim struct {
	name  string
	kill  func()
	start func(context.Context) error
}

func victimsOf(m *market.Market) []victim {
	list := []victim{{"chain", m.Fleet.KillChain, func(ctx context.Context) error { return m.Fleet.RestartChain(ctx) }}}
	for _, n := range m.Fleet.Members() {
		list = append(list, victim{n.Name, n.Kill, n.Start})
	}
	return list
}

func between(random *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(most)))
}

// requireRunning makes sure that nobody ended but those that were killed.
func requireRunning(m *market.Market) {
	m.T.Helper()
	for _, n := range m.Fleet.Members() {
		require.True(m.T, n.Running(), "%s ended by itself", n.Name)
	}
}
