package attest

import "github.com/medibloc/pdx"

// CertHash returns the hash that binds a delivery to what was certified: the dataset,
// the criteria by which it was checked, and the accepting certificates, which must be
// in the order of pdx.Deal.Accepted. It does not cover chain and deal, which are in the
// context of the delivery (Deliver).
func CertHash(ds pdx.Dataset, criteria pdx.ContentID, accepted []pdx.Certificate) [32]byte {
	f := frames(nil).text("domain", "certificates").dataset(ds).bytes("criteria", criteria.Bytes())
	for _, c := range accepted {
		f = f.text("validator", string(c.Validator)).
			bytes("report", c.Report[:]).
			number("expiry", uint64(c.ExpiryHeight)).
			number("commission", uint64(c.Commission))
	}
	return f.hash()
}

// dataset appends the facts of a sealed dataset.
func (f frames) dataset(ds pdx.Dataset) frames {
	return f.bytes("root", ds.Root[:]).
		number("size", ds.Size).
		bytes("S", ds.Key[:]).
		bytes("nonce", ds.Nonce[:]).
		text("aead", string(ds.AEAD)).
		bytes("box", ds.Box[:]).
		bytes("key-commit", ds.KeyCommit[:]).
		bytes("pc", ds.Commitment[:])
}
