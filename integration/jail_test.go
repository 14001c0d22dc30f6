package integration_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/adversary"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// TestJail has a thief certify a fraud with the key of a validator's node. The
// node then says what became of it and what to do, and with the verbs it serves
// again.
func TestJail(t *testing.T) {
	t.Parallel()
	m := market.Open(t, market.Options{Validators: 1, Deadlines: fraudDeadlines, Chain: []string{"--jail-time", "1s"}})
	victim := m.Validators[0]
	sealed := records.SpoilSegment(0)
	pool := m.OpenPool(market.Pool{})
	m.Pull(pool)
	swindler := newParty(m, "swindler")
	deal := swindler.OfferSealed(pdx.PoolID(pool), sealed, victim.Account)
	m.Must(victim.Stop(), "stop the validator") // its key is another program's now
	t.Run("the theft", func(t *testing.T) { adversary.NewParty(t, m.Fleet.Endpoints(), keysOf(t, victim)).Vouch(deal) })
	m.Must(victim.Start(t.Context()), "start the validator again")
	m.WaitDeal(uint64(deal), pdx.DealAcked)
	swindler.DeliverSealed(deal, sealed)
	m.WaitDeal(uint64(deal), pdx.DealFraud)

	waitHealth(m, victim, "bond", false, "jailed until")
	m.Until(market.Patience, "the bond is too low to come back", func(ctx context.Context) error {
		_, err := victim.Client().Unjail(ctx, &nodepb.UnjailRequest{})
		if err == nil || !strings.Contains(err.Error(), "add-bond") {
			return fmt.Errorf("unjail: %w", err) // before its time is over it says so
		}
		return nil
	})
	bond, err := victim.Client().AddBond(t.Context(), &nodepb.AddBondRequest{Amount: api.FromAmount(slashed)})
	require.NoError(t, err)
	require.Equal(t, api.FromAmount(market.Bond).Amount, bond.Validator.Bond.Amount)
	back, err := victim.Client().Unjail(t.Context(), &nodepb.UnjailRequest{})
	require.NoError(t, err)
	require.Equal(t, string(pdx.ValidatorBonded), back.Validator.Status)
	waitHealth(m, victim, "bond", true, "bonded")
	waitHealth(m, m.Buyer, "purchases", true, "frauds proven: 1")
}

// waitHealth waits until a node says all these words of a part.
func waitHealth(m *market.Market, n *procs.Member, part string, ok bool, words ...string) {
	m.T.Helper()
	m.Until(market.Patience, fmt.Sprintf("%s says of its %s: %q", n.Name, part, words), func(ctx context.Context) error {
		st, err := n.Client().Status(ctx, &nodepb.StatusRequest{})
		if err != nil {
			return err
		}
		for _, h := range st.Health {
			lacks := func(word string) bool { return !strings.Contains(h.Message, word) }
			if h.Part == part && h.Ok == ok && !slices.ContainsFunc(words, lacks) {
				return nil
			}
		}
		return fmt.Errorf("health is %v", st.Health)
	})
}
