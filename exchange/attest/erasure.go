package attest

import "github.com/medibloc/pdx"

// An ErasureRequest is a seller's signed request that the buyer of a deal delete what it
// bought. Messages carry only the fields that the deal does not determine.
type ErasureRequest struct {
	ChainID       string
	Pool          pdx.PoolID
	Deal          pdx.DealID
	Seller, Buyer pdx.Address
	Root          pdx.ContentID
	Asked         int64 // seconds since 1970
	Reason        string
	PublicKey     []byte // the seller's, PublicKeyLen bytes
	Signature     []byte // over SignBytes, SignatureLen bytes
}

// ErasureRequestOf returns the unsigned request about a deal.
func ErasureRequestOf(chainID string, d pdx.Deal, asked int64, reason string) ErasureRequest {
	return ErasureRequest{
		ChainID: chainID, Pool: d.Pool, Deal: d.ID, Seller: d.Seller, Buyer: d.Buyer, Root: d.Dataset.Root, Asked: asked, Reason: reason,
	}
}

// SignBytes returns the bytes that the seller signs with its account's key, by way of
// their SHA-256.
func (r ErasureRequest) SignBytes() []byte {
	return r.frames("erasure-request")
}

func (r ErasureRequest) frames(domain string) frames {
	return moduleFrames(domain, r.ChainID).
		number("pool", uint64(r.Pool)).
		number("deal", uint64(r.Deal)).
		text("seller", string(r.Seller)).
		text("buyer", string(r.Buyer)).
		bytes("root", r.Root[:]).
		number("asked", uint64(r.Asked)).
		text("reason", r.Reason)
}

// Verify returns ErrSignature unless the public key is the seller's and the signature is
// valid. The caller must check that the fields are the deal's.
func (r ErasureRequest) Verify() error {
	return verifyStatement("erasure request", r.ChainID, r.Seller, r.PublicKey, r.SignBytes(), r.Signature)
}

// An ErasureAnswer is the buyer's signed answer to a request.
type ErasureAnswer struct {
	Request   ErasureRequest // whose key and signature are not signed again
	Erased    bool           // the buyer says that it deleted the records
	Answered  int64          // seconds since 1970
	Note      string
	PublicKey []byte // the buyer's, PublicKeyLen bytes
	Signature []byte // over SignBytes, SignatureLen bytes
}

// SignBytes returns the bytes that the buyer signs with its account's key, by way of
// their SHA-256.
func (a ErasureAnswer) SignBytes() []byte {
	var erased uint64
	if a.Erased {
		erased = 1
	}
	return a.Request.frames("erasure-answer").
		number("erased", erased).
		number("answered", uint64(a.Answered)).
		text("note", a.Note)
}

// Verify returns ErrSignature unless the public key is the buyer's and the signature is
// valid.
func (a ErasureAnswer) Verify() error {
	return verifyStatement("erasure answer", a.Request.ChainID, a.Request.Buyer, a.PublicKey, a.SignBytes(), a.Signature)
}
