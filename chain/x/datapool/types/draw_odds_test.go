package types_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
)

// The table of docs/spec/datapool.md, section 8: who can do what to have friends drawn.
const (
	oddsPool    = 16 // validators of the pool
	oddsFriends = 4  // of them, friends of whoever cheats
	oddsTrials  = 10_000
	grindTrials = 200
	grinding    = 1_000 // headers that a proposer tries: about a second of one core
)

// draw is one deal's draw as cheats see it.
type draw struct {
	*rand.Rand
	pool     []types.AcceptedValidator
	k, n     int
	preimage [2][32]byte // the next ones of the buyer's chain
	offer    [32]byte
	block    [32]byte
}

func newDraw(r *rand.Rand, pool []types.AcceptedValidator, k, n int) draw {
	return draw{r, pool, k, n, [2][32]byte{random32(r), random32(r)}, random32(r), random32(r)}
}

// wins reports whether k of the n that are drawn are friends.
func (d *draw) wins(preimage []byte, offer, block [32]byte) bool {
	return d.friends(preimage, offer, block) >= d.k
}

func (d *draw) friends(preimage []byte, offer, block [32]byte) (friends int) {
	seed := attest.Draw{ChainID: "c", Preimage: preimage, Offer: offer, Block: block[:]}.Seed()
	for _, v := range types.Select(seed, d.pool, uint32(d.n)) {
		if v.CommissionBp == friendly {
			friends++
		}
	}
	return friends
}

// friendly is the commission by which the friends are known here.
const friendly = 1

func poolWithFriends() []types.AcceptedValidator {
	pool := candidates(oddsPool)
	for i := range oddsFriends {
		pool[i].CommissionBp = friendly
	}
	return pool
}

// honest is what happens if everybody keeps to the rules.
func (d *draw) honest() bool { return d.wins(d.preimage[0][:], d.offer, d.block) }

// seller chooses its dataset's nonce, and with it the offer's hash, by a guess at what it does
// not know.
func (d *draw) seller() bool {
	if guess, block := random32(d.Rand), random32(d.Rand); !d.wins(guess[:], d.offer, block) {
		d.offer = random32(d.Rand)
	}
	return d.honest()
}

// sellerAndProposer choose the block's hash, too, but not the preimage.
func (d *draw) sellerAndProposer() bool {
	if guess := random32(d.Rand); !d.wins(guess[:], d.offer, d.block) {
		d.block = random32(d.Rand)
	}
	return d.honest()
}

// buyer knows everything when it can still reveal the next preimage, leave the deal to the one
// after it, or reveal none.
func (d *draw) buyer() bool {
	return d.honest() || d.wins(d.preimage[1][:], d.offer, d.block) || d.wins(nil, d.offer, d.block)
}

// whileTheBuyerIsOff, seller and proposer choose a block for the draw without a preimage.
func (d *draw) whileTheBuyerIsOff() bool {
	return d.grind(func() bool { return d.wins(nil, d.offer, d.block) }, &d.block)
}

// buyerAndProposer know every part but the block, and choose that.
func (d *draw) buyerAndProposer() bool { return d.grind(d.buyer, &d.block) }

// allThree choose the offer as well, before the block.
func (d *draw) allThree() bool {
	return d.grind(d.honest, &d.offer) || d.grind(d.buyer, &d.block)
}

func (d *draw) grind(wins func() bool, part *[32]byte) bool {
	for range grinding {
		if wins() {
			return true
		}
		*part = random32(d.Rand)
	}
	return false
}

// fair is the chance that k of n drawn are friends, by the hypergeometric distribution.
func fair(k, n int) float64 {
	sum := 0.0
	for hit := k; hit <= min(n, oddsFriends); hit++ {
		sum += choose(oddsFriends, hit) * choose(oddsPool-oddsFriends, n-hit)
	}
	return sum / choose(oddsPool, n)
}

func choose(n, k int) float64 {
	if k < 0 || k > n {
		return 0
	}
	c := 1.0
	for i := range k {
		c = c * float64(n-i) / float64(i+1)
	}
	return c
}

// TestOddsOfDrawingFriends makes the table by simulation, with fixed seeds.
func TestOddsOfDrawingFriends(t *testing.T) {
	spec := section(t, "## 8. End of a block")
	pool := poolWithFriends()
	for _, size := range [][2]int{{1, 1}, {1, 3}, {2, 3}, {3, 5}, {4, 7}} {
		k, n := size[0], size[1]
		r := rand.New(rand.NewPCG(uint64(k), uint64(n)))
		odds := func(trials int, strategy func(*draw) bool) float64 {
			won := 0
			for range trials {
				d := newDraw(r, pool, k, n)
				if strategy(&d) {
					won++
				}
			}
			return 100 * float64(won) / float64(trials)
		}
		seller := odds(oddsTrials, (*draw).seller)
		both := odds(oddsTrials, (*draw).sellerAndProposer)
		chance := 100 * fair(k, n)
		require.InDelta(t, chance, seller, 1, "seller alone, %d of %d", k, n)
		require.InDelta(t, chance, both, 1, "seller and proposer, %d of %d", k, n)
		row := fmt.Sprintf("| %d of %d | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f |", k, n, chance, seller, both,
			odds(oddsTrials, (*draw).buyer), odds(grindTrials, (*draw).whileTheBuyerIsOff),
			odds(grindTrials, (*draw).buyerAndProposer), odds(grindTrials, (*draw).allThree))
		t.Log(row)
		if !strings.Contains(spec, row) {
			t.Errorf("the specification does not have the row %s", row)
		}
	}
}

// TestFriendsOfAColludingSellerHaveTheirFairShare of all who are drawn, to one point in a hundred.
func TestFriendsOfAColludingSellerHaveTheirFairShare(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pool := poolWithFriends()
	const n = 3
	friends := 0
	for range oddsTrials {
		d := newDraw(r, pool, 1, n)
		d.seller() // chooses its offer
		friends += d.friends(d.preimage[0][:], d.offer, d.block)
	}
	require.InDelta(t, 100.0*oddsFriends/oddsPool, 100*float64(friends)/(oddsTrials*n), 1)
}
