package integration_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/integration/adversary"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/procs"
	"github.com/medibloc/pdx/node/validation"
)

// TestStrangers lets all kinds of peers reach for a certified ciphertext, which
// is for the buyer's account and the deal's validators only.
func TestStrangers(t *testing.T) {
	m := market.Open(t, market.Options{Validators: 2, Sellers: 1})
	chainID, seller, validator := m.Fleet.Endpoints().ChainID, m.Sellers[0], m.Validators[0]
	pool := m.OpenPool(market.Pool{}) // and nobody orders what is in it
	m.AddSample(seller, "patients", sample.Options{Kind: sample.Patient, Patients: 2000, Seed: 7})
	sale := m.Sell(seller, pool, "patients")
	sale = m.WaitSale(seller, sale.Id, pdx.DealCertified)
	data := m.Deal(sale.DealId).Dataset
	atSeller, atValidator, atBuyer := listen(m, seller), listen(m, validator), listen(m, m.Buyer)
	mallory := identitytest.New("mallory")
	require.NoError(t, m.Validators[1].Stop()) // its keys are locked while it runs
	partner := keysOf(t, m.Validators[1])

	t.Run("a fresh key learns no account, one of the pool does", func(t *testing.T) {
		for account, at := range map[pdx.Address][]string{m.Buyer.Account: atBuyer, seller.Account: atSeller, validator.Account: atValidator} {
			p := adversary.NewImpostor(t, chainID)
			_, err := p.Binding(p.Meet(at), mallory)
			require.ErrorIs(t, err, identity.ErrWithheld)
			if account == validator.Account { // validators of a deal have nothing to do with each other
				continue
			}
			known, err := p.Binding(p.Meet(at), partner)
			require.NoError(t, err)
			require.Equal(t, string(account), known.Account)
		}
	})
	t.Run("nobody who asks for something is greeted", func(t *testing.T) {
		p := adversary.NewImpostor(t, chainID).With(func(context.Context, peer.ID, []byte) (*discoverypb.Binding, error) {
			t.Error("it was greeted")
			return nil, pdx.ErrRefused
		})
		for _, at := range [][]string{atSeller, atBuyer} {
			requireNothing(t, &p.Peer, at, data)
		}
	})
	t.Run("a stranger gets nothing", func(t *testing.T) {
		p := adversary.New(t, chainID, mallory)
		for _, at := range [][]string{atSeller, atValidator} {
			requireNothing(t, p, at, data)
		}
	})
	t.Run("a stranger has nothing validated", func(t *testing.T) {
		p := adversary.New(t, chainID, mallory)
		err := p.Ask(p.Meet(atValidator), validation.Request{Deal: pdx.DealID(sale.DealId)})
		require.ErrorIs(t, err, pdx.ErrRefused)
	})
	t.Run("an impostor is seen through", func(t *testing.T) {
		p := adversary.NewImpostor(t, chainID)
		buyer := p.Meet(atBuyer)
		known, err := p.Binding(buyer, partner) // of the buyer to the impostor's peer, with the buyer's key
		require.NoError(t, err)
		require.Equal(t, string(m.Buyer.Account), known.Account)
		for name, forge := range map[string]adversary.Forge{
			"another's account, its own key":  p.Own(adversary.Claimant{Signer: mallory, Address: m.Buyer.Account}),
			"another's key, a bad signature":  p.Own(adversary.Claimant{Signer: mallory, Address: m.Buyer.Account, Key: known.PublicKey}),
			"a binding from another greeting": adversary.Replayed(known),
			"a binding of another peer, live": p.Relayed(buyer, partner),
			"no binding at all":               adversary.Replayed(&discoverypb.Binding{}),
		} {
			t.Run(name, func(t *testing.T) {
				p.With(forge)
				require.ErrorIs(t, p.OpenForged(p.Meet(atSeller)), pdx.ErrRefused)
				requireNothing(t, &p.Peer, atSeller, data)
			})
		}
	})
	t.Run("the buyer's account from another peer gets all", func(t *testing.T) {
		require.NoError(t, m.Buyer.Stop()) // its keys are locked while it runs
		p := adversary.New(t, chainID, keysOf(t, m.Buyer))
		held, err := p.Pull(p.Meet(atSeller), data.Root, data.Size)
		require.NoError(t, err)
		require.Equal(t, data.Size, held)
	})
}

// requireNothing makes sure that a peer is refused a ciphertext, or told that
// there is none.
func requireNothing(t *testing.T, p *adversary.Peer, at []string, data pdx.Dataset) {
	t.Helper()
	held, err := p.Pull(p.Meet(at), data.Root, data.Size)
	require.True(t, errors.Is(err, pdx.ErrRefused) || errors.Is(err, pdx.ErrNotFound), "%v", err)
	require.Zero(t, held)
}

// listen returns where a node listens.
func listen(m *market.Market, n *procs.Member) []string {
	m.T.Helper()
	st, err := n.Client().Status(m.T.Context(), &nodepb.StatusRequest{})
	m.Must(err, "status of "+n.Name)
	return st.Listen
}

// homeOf opens the home of a node that does not run.
func homeOf(t *testing.T, n *procs.Member) *home.Home {
	t.Helper()
	passphrase, err := os.ReadFile(n.Home + ".passphrase")
	require.NoError(t, err)
	home, err := home.Open(t.Context(), n.Home, strings.TrimSpace(string(passphrase)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, home.Close()) })
	return home
}

// keysOf returns those of a node that does not run.
func keysOf(t *testing.T, n *procs.Member) *keys.Keys {
	t.Helper()
	k, err := keys.Load(t.Context(), homeOf(t, n).Secrets)
	require.NoError(t, err)
	return k
}
