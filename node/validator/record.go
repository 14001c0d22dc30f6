package validator

import (
	"context"
	"slices"

	"github.com/medibloc/pdx"
)

// Record is what a validator remembers of one deal: what it keeps for it and,
// once it was checked, its verdict. Never M, never plaintext.
type Record struct {
	Deal      pdx.DealID
	Pool      pdx.PoolID
	Buyer     pdx.Address
	Root      pdx.ContentID
	Size      uint64          // bytes of ciphertext
	Documents []pdx.ContentID // criteria and schemas, each from before it is fetched
	// Sizes are the bytes of Documents, in the same order; 0 or missing while unknown.
	Sizes []uint64 `json:",omitempty"`
	// Facts is the hash of the facts of the deal that was checked: the verdict is about them,
	// whatever an endpoint shows when it is sent.
	Facts [32]byte
	// Set is the record set of an accept in a pool that refuses duplicates, Compared says which
	// earlier sets it was compared with, and Digest is that of the plaintext, for the report of
	// another verdict if the pool bought the records in the meantime.
	Set      pdx.RecordSet `json:",omitzero"`
	Compared [32]byte      `json:",omitzero"`
	Digest   [32]byte      `json:",omitzero"`
	// Verdict is nil until the dataset was checked.
	Verdict *pdx.Verdict
	// Certified is set once the chain holds the verdict.
	Certified bool
	// Promised is set once the chain holds the promise to serve the ciphertext.
	Promised bool
}

// keeps reports whether the ciphertext must stay: until the deal ends where it was
// promised, else until the check is over and its verdict on chain.
func (r Record) keeps() bool {
	return r.Verdict == nil || r.Verdict.Accepted && (r.Promised || !r.Certified)
}

// serves reports whether the pool's buyer is served the ciphertext.
func (r Record) serves() bool { return r.Certified && r.Promised && r.keeps() }

// withDocument returns the record with one more document, or with its size.
func (r Record) withDocument(id pdx.ContentID, size uint64) Record {
	r.Documents, r.Sizes = slices.Clone(r.Documents), slices.Clone(r.Sizes)
	i := slices.Index(r.Documents, id)
	if i < 0 {
		i = len(r.Documents)
		r.Documents = append(r.Documents, id)
	}
	for len(r.Sizes) < len(r.Documents) {
		r.Sizes = append(r.Sizes, 0)
	}
	r.Sizes[i] = max(r.Sizes[i], size)
	return r
}

func (s *Service) put(ctx context.Context, r Record) error {
	if err := s.records.put(ctx, r); err != nil {
		return ownFault("this validator cannot write its records", err)
	}
	return nil
}
