package attest

import (
	"fmt"

	"github.com/medibloc/pdx"
)

// A SignedAck is an off-chain ack: a buyer's signed statement to a seller that it holds
// the ciphertext of a deal. The seller submits it with its delivery, whose proof is
// bound to AckHeight in place of the height of an ack on chain. Messages carry only the
// fields that the deal does not determine, as a pdx.AckVoucher.
type SignedAck struct {
	ChainID      string
	Pool         pdx.PoolID
	Deal         pdx.DealID
	Buyer        pdx.Address
	Root         pdx.ContentID // of the ciphertext that the buyer holds
	AckHeight    int64         // a finished block, in which the deal was certified
	ExpiryHeight int64         // the last block that accepts it
	PublicKey    []byte        // the buyer's, PublicKeyLen bytes
	Signature    []byte        // over SignBytes, SignatureLen bytes
}

// SignedAckOf returns the SignedAck of a voucher, with the remaining fields from the
// chain and the deal.
func SignedAckOf(chainID string, d pdx.Deal, v pdx.AckVoucher) SignedAck {
	return SignedAck{
		ChainID: chainID, Pool: d.Pool, Deal: d.ID, Buyer: d.Buyer, Root: d.Dataset.Root,
		AckHeight: v.AckHeight, ExpiryHeight: v.ExpiryHeight, PublicKey: v.PublicKey[:], Signature: v.Signature[:],
	}
}

// SignBytes returns the bytes that the buyer signs with its account's key, by way of
// their SHA-256. As with a Binding, they are never the sign bytes of a transaction.
func (v SignedAck) SignBytes() []byte {
	return moduleFrames("ack-voucher", v.ChainID).
		number("pool", uint64(v.Pool)).
		number("deal", uint64(v.Deal)).
		text("buyer", string(v.Buyer)).
		bytes("root", v.Root[:]).
		number("ack", uint64(v.AckHeight)).
		number("expiry", uint64(v.ExpiryHeight))
}

// Verify returns ErrSignature unless the public key is the buyer's and the signature is
// valid. The caller must check that the fields are the deal's and that the heights are
// allowed.
func (v SignedAck) Verify() error {
	if err := v.checkSizes(); err != nil {
		return fmt.Errorf("ack voucher: %w", err)
	}
	if err := verifyAccount(v.Buyer, v.PublicKey, v.SignBytes(), v.Signature); err != nil {
		return fmt.Errorf("ack voucher: %w", err)
	}
	return nil
}

func (v SignedAck) checkSizes() error {
	if n := len(v.ChainID); n == 0 || n > maxChainID {
		return fmt.Errorf("%w: chain id of %d bytes", ErrSignature, n)
	}
	if n := len(v.Buyer); n == 0 || n > maxAddress {
		return fmt.Errorf("%w: buyer of %d bytes", ErrSignature, n)
	}
	return nil
}
