package integration_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/localnet"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
)

const (
	// thousandPrice is shared with remainders.
	thousandPrice pdx.Amount = 9_999_997
	// thousandDeposit is without the rewards, and 150 umed for each byte of "/id".
	thousandDeposit pdx.Amount = 1_000_003
	thousandFields  pdx.Amount = 3 * 150
	// thousandReward is of the pools that draw or reject.
	thousandReward pdx.Amount = 700_001
	// thousandBond covers the stakes of all deals that go on at once.
	thousandBond     pdx.Amount = 2_000_000_007
	thousandSellers             = 12
	thousandPatience            = 10 * time.Minute
)

// Commissions of the validators, in basis points: they leave remainders.
var thousandCommissions = []uint32{333, 100, 77, 1000}

// exchange is a chain with everybody on it.
type exchange struct {
	t          *testing.T
	chain      *localnettest.Chain
	reader     *client.Client
	buyer      *client.Client
	sellers    []*client.Client
	validators map[pdx.Address]*client.Client
	honest     []pdx.Address
	crooks     []pdx.Address
	tick       *time.Ticker
	frauds     sync.Mutex // one pool of them at a time: they share the crooks

	mu    sync.Mutex
	seals int
	pools []pdx.PoolID
	ended map[pdx.DealID]pdx.Deal
	// waited are the deals that waited for a verdict when their pool was closed.
	waited map[pdx.DealID]bool
}

func newExchange(t *testing.T) *exchange {
	names := []string{"buyer"}
	for i := range thousandSellers {
		names = append(names, fmt.Sprintf("seller %d", i))
	}
	for i := range len(thousandCommissions) + 2 {
		names = append(names, fmt.Sprintf("validator %d", i))
	}
	x := &exchange{
		t: t, validators: map[pdx.Address]*client.Client{}, ended: map[pdx.DealID]pdx.Deal{}, waited: map[pdx.DealID]bool{},
		tick: time.NewTicker(200 * time.Millisecond),
		chain: localnettest.Start(t, localnettest.WithAccounts(names...), localnettest.WithBlockInterval(200*time.Millisecond),
			localnettest.WithDatapool(localnet.Datapool{
				Deadlines: pdx.Deadlines{Certify: ever, Ack: ever, Key: ever, Dispute: soon},
				MinBond:   thousandBond, OfferDeposit: thousandDeposit, JailTime: soon, UnbondingTime: soon, OffersAhead: poolSize,
			})),
	}
	t.Cleanup(x.tick.Stop)
	x.reader, x.buyer = x.dial(""), x.dial("buyer")
	for i := range thousandSellers {
		x.sellers = append(x.sellers, x.dial(fmt.Sprintf("seller %d", i)))
	}
	for i := range len(thousandCommissions) + 2 {
		v := x.dial(fmt.Sprintf("validator %d", i))
		x.validators[v.Account()] = v
		if i < len(thousandCommissions) {
			x.honest = append(x.honest, v.Account())
		} else {
			x.crooks = append(x.crooks, v.Account())
		}
	}
	return x
}

func (x *exchange) dial(name string) *client.Client {
	x.t.Helper()
	cfg := client.Config{ChainID: x.chain.ChainID(), GRPC: x.chain.GRPCAddr(), RPC: x.chain.RPCAddr(), Poll: 100 * time.Millisecond}
	if name != "" {
		cfg.Keyring, cfg.KeyName = x.chain.Keyring, name
	}
	c, err := client.New(cfg)
	require.NoError(x.t, err)
	x.t.Cleanup(func() { require.NoError(x.t, c.Close()) })
	return c
}

// bond registers all validators.
func (x *exchange) bond() {
	x.t.Helper()
	for i, v := range append(append([]pdx.Address{}, x.honest...), x.crooks...) {
		require.NoError(x.t, x.validators[v].RegisterValidator(x.t.Context(), pdx.Validator{
			Moniker: fmt.Sprintf("v%d", i), Bond: thousandBond,
			Commission: thousandCommissions[i%len(thousandCommissions)], MaxCommission: 1000, MaxChange: 100,
			PeerID: "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN", Addresses: []string{"/ip4/127.0.0.1/tcp/4001"},
		}))
	}
}

// insist does something again as long as the chain cannot be reached, which on a
// machine as busy as this happens. The client says so only of a transaction that
// is in no block.
func (x *exchange) insist(do func() error) error {
	for try := 0; ; try++ {
		err := do()
		if !errors.Is(err, pdx.ErrUnavailable) || try == 100 {
			return err
		}
		<-x.tick.C
	}
}

// pool is deals that go the same way.
type pool struct {
	id    pdx.PoolID
	key   seal.BuyerKey
	deals []*dealing
}

// dealing is a deal as its seller has it.
type dealing struct {
	id        pdx.DealID
	seller    *client.Client
	sealed    datapooltest.Sealed
	spoiltBox bool
}

// open opens a pool and offers all its deals.
func (x *exchange) open(b batch) (*pool, error) {
	p := &pool{key: seal.NewBuyerKey()}
	possession, err := p.key.Prove(attest.PoolKey{ChainID: x.chain.ChainID(), Buyer: x.buyer.Account()}.Hash())
	if err != nil {
		return nil, err
	}
	var head pdx.Head
	if err := x.insist(func() error { head, err = x.reader.Head(x.t.Context()); return err }); err != nil {
		return nil, err
	}
	wanted := pdx.NewPool{
		Key: p.key.Public(), KeyProof: possession, Title: b.way.name, MediaType: "application/x-ndjson", Price: thousandPrice,
		TargetCount: uint64(b.deals) + 1, Criteria: sha256.Sum256([]byte("criteria")), Certificates: 2, Validators: x.honest,
		Terms:     []pdx.Term{{ID: 1, Required: true, Title: "Use"}},
		Deadlines: pdx.Deadlines{Certify: ever, Ack: ever, Key: ever, Dispute: soon}, Expiry: head.Time.Add(24 * time.Hour),
	}
	if b.way.pool != nil {
		b.way.pool(&wanted)
	}
	if wanted.Validators == nil {
		wanted.Validators = x.crooks
	}
	accepted := wanted.Validators
	if wanted.Draw != 0 {
		wanted.DrawCommitment, accepted = p.key.DrawChain(datapooltest.DrawLength).Commitment(), nil
	}
	if err := x.insist(func() error { p.id, err = x.buyer.CreatePool(x.t.Context(), wanted); return err }); err != nil {
		return nil, err
	}
	x.mu.Lock()
	x.pools = append(x.pools, p.id)
	for range b.deals {
		x.seals++
		sealed := datapooltest.Seal(fmt.Appendf(nil, "dataset %d", x.seals))
		p.deals = append(p.deals, &dealing{seller: x.sellers[x.seals%len(x.sellers)], sealed: sealed})
	}
	x.mu.Unlock()
	err = x.each(p, func(d *dealing) (err error) {
		if b.way.spoil != nil {
			b.way.spoil(d)
		}
		return x.insist(func() error {
			pool, err := d.seller.Pool(x.t.Context(), p.id)
			if err == nil {
				d.id, err = d.seller.Offer(x.t.Context(), d.sealed.Offer(x.chain.ChainID(), pool, d.seller.Account(), accepted...))
			}
			return err
		})
	})
	if err == nil && wanted.Draw != 0 {
		err = x.draw(p)
	}
	return p, err
}
