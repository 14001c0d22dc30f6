package attest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

func (a account) vouch() attest.SignedAck {
	v := attest.SignedAck{
		ChainID: "panacea-local-1", Pool: 1, Deal: 2, Buyer: a.address, Root: pdx.ContentID{3},
		AckHeight: 4, ExpiryHeight: 5, PublicKey: a.public,
	}
	v.Signature = a.sign(v.SignBytes())
	return v
}

func TestEveryFieldOfAVoucherCounts(t *testing.T) {
	voucher := newAccount(t).vouch()
	require.NoError(t, voucher.Verify())
	eachField(t, voucher, func(field string, changed attest.SignedAck) {
		require.ErrorIs(t, changed.Verify(), attest.ErrSignature, field)
	})
}

func TestVoucherOfAnotherAccount(t *testing.T) {
	mine, theirs := newAccount(t), newAccount(t)
	v := mine.vouch()
	v.Buyer = theirs.address
	v.Signature = mine.sign(v.SignBytes())
	require.ErrorIs(t, v.Verify(), attest.ErrSignature, "signed for somebody else")
}

func TestMalformedVouchers(t *testing.T) {
	good := newAccount(t)
	for name, spoil := range map[string]func(*attest.SignedAck){
		"no chain":          func(v *attest.SignedAck) { v.ChainID = "" },
		"chain id too long": func(v *attest.SignedAck) { v.ChainID = strings.Repeat("c", 65) },
		"no buyer":          func(v *attest.SignedAck) { v.Buyer = "" },
		"buyer too long":    func(v *attest.SignedAck) { v.Buyer = pdx.Address(strings.Repeat("a", 91)) },
		"no key":            func(v *attest.SignedAck) { v.PublicKey = nil },
		"no signature":      func(v *attest.SignedAck) { v.Signature = nil },
		"recovery byte":     func(v *attest.SignedAck) { v.Signature = append(v.Signature, 0) },
	} {
		v := good.vouch()
		spoil(&v)
		if len(v.Signature) == attest.SignatureLen {
			v.Signature = good.sign(v.SignBytes())
		}
		require.ErrorIs(t, v.Verify(), attest.ErrSignature, name)
	}
}

// TestAVoucherIsNoBindingAndNoTransaction: one signature cannot serve two purposes.
func TestAVoucherIsNoBindingAndNoTransaction(t *testing.T) {
	voucher, binding := attest.SignedAck{}.SignBytes(), attest.Binding{}.SignBytes()
	require.False(t, bytes.HasPrefix(voucher, binding[:20]))
	require.Equal(t, byte(6), voucher[0])
}

// FuzzVoucherVerify changes a signed voucher: whatever differs is refused.
func FuzzVoucherVerify(f *testing.F) {
	good := accountOf(f, secp256k1.PrivKeyFromBytes([]byte{1})).vouch()
	f.Add(good.ChainID, uint64(1), uint64(2), string(good.Buyer), good.Root[:], int64(4), int64(5), good.PublicKey, good.Signature)
	f.Add("", uint64(0), uint64(0), "", []byte{}, int64(-1), int64(0), []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, chain string, pool, deal uint64, buyer string, root []byte, ack, expiry int64, key, signature []byte) {
		v := attest.SignedAck{
			ChainID: chain, Pool: pdx.PoolID(pool), Deal: pdx.DealID(deal), Buyer: pdx.Address(buyer),
			AckHeight: ack, ExpiryHeight: expiry, PublicKey: key, Signature: signature,
		}
		copy(v.Root[:], root)
		err := v.Verify()
		if bytes.Equal(v.SignBytes(), good.SignBytes()) && bytes.Equal(key, good.PublicKey) && bytes.Equal(signature, good.Signature) {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, pdx.ErrRefused)
	})
}
