package attest

import "github.com/medibloc/pdx"

// CertHash binds a delivery to what was certified: the dataset, the criteria it
// was checked by, and the accepting certificates in the order of the
// chain (pdx.Deal.Accepted). It names neither chain nor deal: the context of
// the delivery does.
func CertHash(ds pdx.Dataset, criteria pdx.ContentID, accepted []pdx.Certificate) [32]byte {
	f := frames(nil).text("domain", "certificates").
		bytes("root", ds.Root[:]).
		number("size", ds.Size).
		bytes("S", ds.Key[:]).
		bytes("nonce", ds.Nonce[:]).
		text("aead", string(ds.AEAD)).
		bytes("box", ds.Box[:]).
		bytes("key-commit", ds.KeyCommit[:]).
		bytes("pc", ds.Commitment[:]).
		bytes("criteria", criteria.Bytes())
	for _, c := range accepted {
		f = f.text("validator", string(c.Validator)).
			bytes("report", c.Report[:]).
			number("expiry", uint64(c.ExpiryHeight)).
			number("commission", uint64(c.Commission))
	}
	return f.hash()
}
