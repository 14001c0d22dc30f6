package attest

import "github.com/medibloc/pdx"

// Report is what the report hash of a certificate covers. It is another for each validator
// and deal, so a verdict cannot be copied from another's certificate, and nobody who did not
// read the plaintext can compute it.
type Report struct {
	ChainID   string
	Deal      pdx.DealID
	Validator pdx.Address
	// Digest is that of the plaintext (seal.Key.Digest); zero if it was not read to its end.
	Digest [32]byte
	// Findings is the hash of the criteria's report; zero for an accept, which has none.
	Findings [32]byte
}

// Hash returns the report hash.
func (r Report) Hash() [32]byte {
	return moduleFrames("report", r.ChainID).
		number("deal", uint64(r.Deal)).
		text("validator", string(r.Validator)).
		bytes("digest", r.Digest[:]).
		bytes("findings", r.Findings[:]).
		hash()
}
