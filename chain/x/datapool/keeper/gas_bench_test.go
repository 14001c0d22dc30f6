package keeper_test

import (
	"crypto/sha256"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/exchange/seal"
)

// BenchmarkGas measures what gas is charged for, beside a secp256k1 signature,
// for which an SDK chain charges 1000: gas/op is what is charged, and ns/gas
// should be about that of the signature, or below, for each.
func BenchmarkGas(b *testing.B) {
	report := func(b *testing.B, gas uint64) {
		b.ReportMetric(float64(gas), "gas/op")
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(gas), "ns/gas")
	}
	b.Run("signature", func(b *testing.B) {
		key := secp256k1.PrivKeyFromBytes([]byte{1})
		digest := sha256.Sum256(nil)
		signature := ecdsa.Sign(key, digest[:])
		for b.Loop() {
			require.True(b, signature.Verify(digest[:], key.PubKey()))
		}
		report(b, types.VoucherGas)
	})
	m := datapooltest.NewMarket(b, 9)
	deal := m.Deal(m.SealedIn(types.DEAL_STATE_DELIVERED, wide))
	ds, d := wide.Dataset, deal.Delivery
	b.Run("delivery", func(b *testing.B) {
		terms := datapooltest.DeliverContext(m.Head().ChainID, deal)
		for b.Loop() {
			require.NoError(b, proof.VerifyDeliver(terms.Hash(), ds.Key, ds.Nonce,
				pdx.Element(deal.BuyerKey), pdx.Element(d.D1), pdx.Element(d.D2), d.Proof))
		}
		report(b, types.ProofGas)
	})
	b.Run("complaint", func(b *testing.B) {
		ctx := [32]byte{1}
		mj, prf, err := wide.Key.ProveComplaint(ctx, 1)
		require.NoError(b, err)
		for b.Loop() {
			require.NoError(b, proof.VerifyComplaint(ctx, ds.Key, ds.Nonce, 1, mj, prf))
		}
		report(b, types.ProofGas)
	})
	b.Run("opening", func(b *testing.B) {
		ctx := [32]byte{1}
		opening, prf, err := m.Keys[deal.PoolId].ProveOpen(ctx, pdx.Element(d.D1), pdx.Element(d.D2))
		require.NoError(b, err)
		for b.Loop() {
			require.NoError(b, proof.VerifyOpen(ctx, pdx.Element(deal.BuyerKey), pdx.Element(d.D1), pdx.Element(d.D2), opening, prf))
		}
		report(b, types.ProofGas)
	})
	b.Run("box", func(b *testing.B) {
		for b.Loop() {
			_, err := seal.OpenDataset(wide.Key.Opening(), ds)
			require.NoError(b, err)
		}
		report(b, types.BoxGas)
	})
	b.Run("slice", func(b *testing.B) {
		slice := wide.Slice(1)
		mj, _, err := wide.Key.ProveComplaint([32]byte{}, 0)
		require.NoError(b, err)
		for b.Loop() {
			sealed, err := bao.VerifySegment(slice, ds.Root, ds.Size, 1)
			require.NoError(b, err)
			_, err = seal.OpenSegment(mj, ds, 1, sealed)
			require.NoError(b, err)
		}
		report(b, types.SliceGas(len(slice)))
	})
}
