package validator

import (
	"context"

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
	Documents []pdx.ContentID // criteria and schemas
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

func (s *Service) put(ctx context.Context, r Record) error {
	if err := s.records.put(ctx, r); err != nil {
		return ownFault("this validator cannot write its records", err)
	}
	return nil
}
