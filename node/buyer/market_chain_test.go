package buyer_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/buyer"
)

func (w *world) Head(context.Context) (h pdx.Head, err error) {
	err = w.around("head", func() error {
		if now := time.Now().Add(w.chainAhead); now.After(w.head.Time) { // blocks come all the time
			w.head.Time = now
		}
		h = w.head
		return nil
	})
	return h, err
}

func (w *world) Deal(_ context.Context, id pdx.DealID) (d pdx.Deal, err error) {
	err = w.around("deal", func() error {
		var ok bool
		if d, ok = w.deals[id]; !ok {
			return pdx.ErrNotFound
		}
		if lie := w.lies[id]; lie != nil {
			lie(&d)
		}
		return nil
	})
	return d, err
}

// prover proves what is on the chain, but where there are lies: then it proves nothing, as
// with chain.trust.none.
type prover struct{ *world }

func (p prover) Deal(_ context.Context, id pdx.DealID) (d pdx.Deal, h pdx.Head, err error) {
	err = p.around("prove", func() error {
		var ok bool
		if d, ok = p.deals[id]; !ok {
			return pdx.ErrNotFound
		}
		if lie := p.lies[id]; lie != nil {
			lie(&d)
		}
		if now := time.Now().Add(p.chainAhead); now.After(p.head.Time) {
			p.head.Time = now
		}
		h = p.head
		return nil
	})
	return d, h, err
}

// Validator is any validator, with a recipient key.
func (p prover) Validator(_ context.Context, address pdx.Address) (v pdx.Validator, err error) {
	seed := sha256.Sum256([]byte(address))
	r, err := dedup.NewRecipient(seed[:])
	return pdx.Validator{Address: address, Status: pdx.ValidatorBonded, RecipientKey: r.Public()}, err
}

func (w *world) Deals(_ context.Context, f pdx.DealFilter) (found []pdx.Deal, next string, err error) {
	err = w.around("deals", func() error {
		from, _ := pdx.ParseDealID(f.Cursor)
		for _, id := range slices.Sorted(maps.Keys(w.deals)) {
			if f.Undrawn && !w.deals[id].Undrawn() {
				continue
			}
			if id <= from || f.Pool != 0 && w.deals[id].Pool != f.Pool || f.Buyer != "" && w.deals[id].Buyer != f.Buyer {
				continue
			}
			if len(found) == 2 { // small pages, so that paging is walked
				next = found[1].ID.String()
				return nil
			}
			found = append(found, w.deals[id])
		}
		return nil
	})
	return found, next, err
}

func (w *world) Ack(_ context.Context, acked []pdx.AckedDeal) error {
	return w.around("ack", func() error {
		w.ackTxs++
		if len(acked) == 0 || len(acked) > buyer.MaxAcks {
			return pdx.ErrInvalid
		}
		var ids []pdx.DealID
		for _, a := range acked {
			id := a.Deal
			ids = append(ids, id)
			if attest.FactsOf(chainID, w.deals[id]).Hash() != a.Facts {
				return fmt.Errorf("%w: other facts of deal %v", pdx.ErrRefused, id)
			}
			if d := w.deals[id]; d.State != pdx.DealCertified || d.Buyer != w.buyer() {
				return fmt.Errorf("%w: deal %v is %s", pdx.ErrWrongState, id, d.State)
			} else if w.refuse[id] {
				return fmt.Errorf("%w: deal %v", pdx.ErrRefused, id)
			}
		}
		for _, id := range ids {
			w.acks[id]++
			w.enter(id, pdx.DealAcked)
			if w.prompt {
				w.deliver(id)
			}
		}
		return nil
	})
}

func (w *world) Challenge(_ context.Context, c pdx.NewChallenge) error {
	return w.around("challenge", func() error {
		d := w.deals[c.Deal]
		if d.State != pdx.DealCertified || d.Challenged() || d.Challenges() >= d.MaxChallenges || len(c.Chunks) == 0 {
			return fmt.Errorf("%w: deal %v takes no challenge", pdx.ErrWrongState, c.Deal)
		}
		if attest.FactsOf(chainID, d).Hash() != c.Facts {
			return pdx.ErrRefused
		}
		w.challenges++
		w.head.Height++
		d.Challenge = &pdx.Challenge{
			Number: d.Challenges() + 1, Chunks: c.Chunks, Fee: 1, Time: w.head.Time, State: pdx.ChallengeOpen,
			DeadlineHeight: w.head.Height + 1000, DeadlineTime: w.head.Time.Add(12 * time.Hour),
		}
		d.DeadlineHeight, d.DeadlineTime = d.Challenge.DeadlineHeight, d.Challenge.DeadlineTime
		w.deals[c.Deal] = d
		return nil
	})
}

func (w *world) Pool(_ context.Context, id pdx.PoolID) (p pdx.Pool, err error) {
	err = w.around("pool", func() error {
		if id == 0 || int(id) > len(w.pools) {
			return pdx.ErrNotFound
		}
		p = w.pools[id-1]
		return nil
	})
	return p, err
}

func (w *world) Pools(_ context.Context, f pdx.PoolFilter) (found []pdx.Pool, next string, err error) {
	err = w.around("pools", func() error {
		from, _ := pdx.ParsePoolID(f.Cursor)
		for _, p := range w.pools {
			if p.ID <= from || p.Buyer != f.Buyer {
				continue
			}
			found, next = append(found, p), p.ID.String()
			return nil // pages of one
		}
		return nil
	})
	return found, next, err
}

func (w *world) CreatePool(_ context.Context, n pdx.NewPool) (id pdx.PoolID, err error) {
	err = w.around("create", func() error {
		ctx := attest.PoolKey{ChainID: chainID, Buyer: w.buyer()}.Hash()
		if err := proof.VerifyPop(ctx, n.Key, n.KeyProof); err != nil {
			return err
		}
		escrow, err := n.Price.Times(n.TargetCount)
		if err != nil || !n.Expiry.After(w.head.Time) {
			return pdx.ErrInvalid
		}
		id = pdx.PoolID(len(w.pools) + 1)
		w.pools = append(w.pools, pdx.Pool{
			ID: id, Buyer: w.buyer(), Key: n.Key, Title: n.Title, MediaType: n.MediaType, Price: n.Price, TargetCount: n.TargetCount,
			Escrow: escrow, Criteria: n.Criteria, Certificates: n.Certificates, Validators: n.Validators, Expiry: n.Expiry, Status: pdx.PoolOpen,
			Draw: n.Draw, DrawCommitment: n.DrawCommitment,
		})
		return nil
	})
	return id, err
}

// bond is that of each validator.
const bond pdx.Amount = 1_000_000_000

// Stake is a tenth of the price, among k.
func (w *world) Stake(_ context.Context, price pdx.Amount, k uint32) (stake pdx.Amount, err error) {
	err = w.around("stake", func() error {
		stake = price / 10 / pdx.Amount(k)
		return nil
	})
	return stake, err
}

func (w *world) Validator(_ context.Context, address pdx.Address) (v pdx.Validator, err error) {
	err = w.around("bond", func() error {
		v = pdx.Validator{Address: address, Bond: bond, Status: pdx.ValidatorBonded}
		return nil
	})
	return v, err
}

func (w *world) ClosePool(_ context.Context, id pdx.PoolID, maxCost pdx.Amount) (refund, held pdx.Amount, err error) {
	err = w.around("close", func() error {
		switch p := w.pools[id-1]; {
		case p.Buyer != w.buyer():
			return pdx.ErrRefused
		case p.Status != pdx.PoolOpen:
			return pdx.ErrWrongState
		}
		p := &w.pools[id-1]
		if held = p.CloseCost; held > maxCost {
			return pdx.ErrRefused
		}
		refund, p.Escrow, p.CloseCost = p.Escrow-min(held, p.Escrow), 0, 0
		w.pools[id-1].Status = pdx.PoolClosed
		w.tell(pdx.Event{Pool: id, State: string(pdx.PoolClosed)})
		return nil
	})
	return refund, held, err
}

// enter is called with mu held.
func (w *world) enter(id pdx.DealID, state pdx.DealState) {
	d := w.deals[id]
	w.head.Height++
	w.head.Time = time.Now().Add(w.chainAhead)
	d.State = state
	if state == pdx.DealAcked {
		d.AckHeight = w.head.Height
	}
	d.History = append(slices.Clone(d.History), pdx.Step{State: state, Height: w.head.Height, Time: w.head.Time})
	d.DeadlineHeight, d.DeadlineTime = w.head.Height+1000, w.head.Time.Add(12*time.Hour)
	w.deals[id] = d
	w.tell(pdx.Event{Deal: id, Pool: d.Pool, State: string(state)})
}

func (w *world) tell(e pdx.Event) {
	if w.interest != nil {
		w.interest(e)
	}
}

// asksFor makes a pool ask for data of that media type.
func (w *world) asksFor(pool pdx.PoolID, mediaType string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pools[pool-1].MediaType = mediaType
}

func (w *world) set(id pdx.DealID, state pdx.DealState) {
	w.mu.Lock()
	w.enter(id, state)
	w.mu.Unlock()
	synctest.Wait()
}

// acked is how many deals were acknowledged, each once.
func (w *world) acked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, n := range w.acks {
		require.Equal(w.t, 1, n, id)
	}
	return len(w.acks)
}

func (w *world) change(id pdx.DealID, f func(*pdx.Deal)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.deals[id]
	f(&d)
	w.deals[id] = d
}

// deliver hands the key over, as the chain lets it: with a proof that holds.
func (w *world) deliver(id pdx.DealID) {
	d := w.deals[id]
	ctx := attest.Deliver{
		ChainID: chainID, Pool: d.Pool, Deal: id, Seller: d.Seller, Buyer: d.Buyer, Denom: pdx.Denom,
		Price: uint64(d.Price), Cert: attest.CertHash(d.Dataset, d.Criteria, d.Accepted()), AckHeight: d.AckHeight,
	}.Hash()
	d1, d2, prf, err := w.keys[id].Deliver(ctx, d.BuyerKey)
	require.NoError(w.t, err)
	require.NoError(w.t, proof.VerifyDeliver(ctx, d.Dataset.Key, d.Dataset.Nonce, d.BuyerKey, d1, d2, prf))
	d.Delivery = &pdx.Delivery{Deal: id, D1: d1, D2: d2, Proof: prf}
	w.deals[id] = d
	w.enter(id, pdx.DealDelivered)
}

func (w *world) delivered(id pdx.DealID) {
	w.mu.Lock()
	w.deliver(id)
	w.mu.Unlock()
	synctest.Wait()
}

// A sealed is a dataset as a seller seals it.
type sealed struct {
	key  *seal.Key
	ds   pdx.Dataset // without its root
	blob []byte
}

// datasets are those of all tests, by deal and records: each is sealed once.
var datasets sync.Map

func sealedFor(t testing.TB, id pdx.DealID, records string) sealed {
	t.Helper()
	of := struct {
		deal    pdx.DealID
		records string
	}{id, records}
	if made, ok := datasets.Load(of); ok {
		return made.(sealed)
	}
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	require.NoError(t, err)
	var blob bytes.Buffer
	facts, err := key.Seal(&blob, strings.NewReader(records), pdx.AES256GCM)
	require.NoError(t, err)
	made := sealed{key, pdx.Dataset{
		Size: facts.Size, Key: key.Public(), Nonce: key.Nonce(), AEAD: pdx.AES256GCM,
		Box: facts.Box, KeyCommit: facts.KeyCommit, Commitment: facts.Commitment,
	}, blob.Bytes()}
	datasets.Store(of, made)
	return made
}

// certify puts a certified deal on chain; spoil may make the dataset a lie.
func (w *world) certify(id pdx.DealID, pool pdx.PoolID, records string, spoil ...func(*pdx.Dataset, []byte)) {
	w.t.Helper()
	made := sealedFor(w.t, id, records)
	ds, blob := made.ds, bytes.Clone(made.blob)
	for _, f := range spoil {
		f(&ds, blob)
	}
	ds.Root = blake3.Sum256(blob)
	w.certified(id, pool, made.key, ds, blob)
	synctest.Wait()
}

// certified puts a deal on chain and its ciphertext on the seller's machine.
func (w *world) certified(id pdx.DealID, pool pdx.PoolID, key *seal.Key, ds pdx.Dataset, sealed []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remote[seller][ds.Root] = sealed
	w.keys[id] = key
	w.deals[id] = pdx.Deal{
		BlockTime: 6 * time.Second, Deadlines: pdx.Deadlines{Ack: 12 * time.Hour, Key: 72 * time.Hour},
		ID: id, Pool: pool, Seller: seller, Buyer: w.buyer(), Dataset: ds, BuyerKey: w.pools[pool-1].Key, Price: 5, Deposit: testDeposit,
		Criteria: w.pools[pool-1].Criteria, Required: 1, Fields: []string{"/id"},
		Certificates: []pdx.Certificate{
			{Validator: loafer, Accepted: true, ExpiryHeight: 1 << 40},
			{Validator: helper, Accepted: true, Available: true, ExpiryHeight: 1 << 40},
		},
	}
	w.enter(id, pdx.DealCertified)
}

// The network.
