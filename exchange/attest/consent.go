package attest

import (
	"encoding/binary"
	"fmt"

	"github.com/medibloc/pdx"
)

// A Consent is a seller's signed record of what it agreed to in one deal. The chain has the
// facts of the deal and hashes; the record has the texts, and what became of the consent.
type Consent struct {
	ChainID       string
	Pool          pdx.PoolID
	Deal          pdx.DealID
	Seller, Buyer pdx.Address
	Denom         string
	Price         uint64 // in Denom
	Criteria      pdx.ContentID
	Root          pdx.ContentID // of the ciphertext
	Terms         [32]byte      // TermsHash
	Fields        [32]byte      // FieldsHash
	Agreed        []uint32      // ids of the terms agreed to, ascending
	Title         string        // of the pool
	MediaType     string
	State         string // of the deal, when the record was made
	AgreedAt      int64  // when the seller agreed, in seconds since 1970
	Withdrawn     int64  // when the consent was withdrawn; 0 if it was not
	Made          int64  // when the record was made
	PublicKey     []byte // the seller's, PublicKeyLen bytes
	Signature     []byte // over SignBytes, SignatureLen bytes
}

// SignBytes returns the bytes that the seller signs with its account's key, by way of
// their SHA-256. As with a Binding, they are never the sign bytes of a transaction.
func (c Consent) SignBytes() []byte {
	var agreed []byte
	for _, id := range c.Agreed {
		agreed = binary.BigEndian.AppendUint32(agreed, id)
	}
	return moduleFrames("consent", c.ChainID).
		number("pool", uint64(c.Pool)).
		number("deal", uint64(c.Deal)).
		text("seller", string(c.Seller)).
		text("buyer", string(c.Buyer)).
		text("denom", c.Denom).
		number("price", c.Price).
		bytes("criteria", c.Criteria.Bytes()).
		bytes("root", c.Root[:]).
		bytes("terms", c.Terms[:]).
		bytes("fields", c.Fields[:]).
		bytes("agreed", agreed).
		text("title", c.Title).
		text("media-type", c.MediaType).
		text("state", c.State).
		number("agreed-at", uint64(c.AgreedAt)).
		number("withdrawn", uint64(c.Withdrawn)).
		number("made", uint64(c.Made))
}

// Verify returns ErrSignature unless the public key is the seller's and the signature is
// valid.
func (c Consent) Verify() error {
	return verifyStatement("consent", c.ChainID, c.Seller, c.PublicKey, c.SignBytes(), c.Signature)
}

// verifyStatement checks the sizes and the signature of an account's statement on a chain.
func verifyStatement(what, chainID string, signer pdx.Address, publicKey, message, signature []byte) error {
	var err error
	switch n, m := len(chainID), len(signer); {
	case n == 0 || n > maxChainID:
		err = fmt.Errorf("%w: chain id of %d bytes", ErrSignature, n)
	case m == 0 || m > maxAddress:
		err = fmt.Errorf("%w: account of %d bytes", ErrSignature, m)
	default:
		err = verifyAccount(signer, publicKey, message, signature)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
