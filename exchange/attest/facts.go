package attest

import "github.com/medibloc/pdx"

// Facts are what a validator judges and a buyer acknowledges: everything about a deal that
// was fixed when it was offered. Their hash is in MsgCertify and MsgAck, so that nobody can
// be made to sign for a dataset that it did not check.
type Facts struct {
	ChainID       string
	Pool          pdx.PoolID
	Deal          pdx.DealID
	Seller, Buyer pdx.Address
	BuyerKey      pdx.Element
	Denom         string
	Price         uint64 // in Denom
	Required      uint32 // k
	Criteria      pdx.ContentID
	Terms         [32]byte // TermsHash
	Fields        [32]byte // FieldsHash
	Root          pdx.ContentID
	Size          uint64
	Key           pdx.Element // S
	Nonce         [32]byte
	AEAD          pdx.AEAD
	Box           [48]byte
	KeyCommit     [32]byte
	Commitment    [32]byte // pc
}

// FactsOf returns the facts of a deal.
func FactsOf(chainID string, d pdx.Deal) Facts {
	ds := d.Dataset
	return Facts{
		ChainID: chainID, Pool: d.Pool, Deal: d.ID, Seller: d.Seller, Buyer: d.Buyer, BuyerKey: d.BuyerKey,
		Denom: pdx.Denom, Price: uint64(d.Price), Required: d.Required, Criteria: d.Criteria,
		Terms: d.TermsHash, Fields: d.FieldsHash,
		Root: ds.Root, Size: ds.Size, Key: ds.Key, Nonce: ds.Nonce, AEAD: ds.AEAD, Box: ds.Box,
		KeyCommit: ds.KeyCommit, Commitment: ds.Commitment,
	}
}

// Hash returns the facts hash.
func (f Facts) Hash() [32]byte {
	return moduleFrames("deal-facts", f.ChainID).
		number("pool", uint64(f.Pool)).
		number("deal", uint64(f.Deal)).
		text("seller", string(f.Seller)).
		text("buyer", string(f.Buyer)).
		bytes("buyer-key", f.BuyerKey[:]).
		text("denom", f.Denom).
		number("price", f.Price).
		number("k", uint64(f.Required)).
		bytes("criteria", f.Criteria.Bytes()).
		bytes("terms", f.Terms[:]).
		bytes("fields", f.Fields[:]).
		bytes("root", f.Root[:]).
		number("size", f.Size).
		bytes("S", f.Key[:]).
		bytes("nonce", f.Nonce[:]).
		text("aead", string(f.AEAD)).
		bytes("box", f.Box[:]).
		bytes("key-commit", f.KeyCommit[:]).
		bytes("pc", f.Commitment[:]).
		hash()
}

// TermsHash returns the hash of a pool's terms. It covers their text only, so that the same
// text has the same hash in every pool and on every chain.
func TermsHash(terms []pdx.Term) [32]byte {
	f := frames(nil).text("domain", "pool-terms")
	for _, t := range terms {
		var required uint64
		if t.Required {
			required = 1
		}
		f = f.number("id", uint64(t.ID)).
			number("required", required).
			text("title", t.Title).
			text("description", t.Description)
	}
	return f.hash()
}

// FieldsHash returns the hash of the fields that an offer discloses, in their order.
func FieldsHash(fields []string) [32]byte {
	f := frames(nil).text("domain", "disclosed-fields")
	for _, field := range fields {
		f = f.text("field", field)
	}
	return f.hash()
}
