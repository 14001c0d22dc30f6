package attest

import "github.com/medibloc/pdx"

// TagKey is a pool's tag key with what it belongs to.
type TagKey struct {
	ChainID  string
	BuyerKey pdx.Element // B, which only this pool has
	Key      [32]byte
}

// Commitment returns the hash by which the chain names the key without telling it.
func (k TagKey) Commitment() [32]byte {
	return moduleFrames("tag-key", k.ChainID).bytes("B", k.BuyerKey[:]).bytes("key", k.Key[:]).hash()
}

// SealedTagKey is the context in which a tag key is sealed to one of its pool's validators.
type SealedTagKey struct {
	ChainID   string
	BuyerKey  pdx.Element
	Validator pdx.Address
}

// Info returns the bytes to which the sealing is bound: HPKE's info.
func (c SealedTagKey) Info() []byte {
	return moduleFrames("sealed-tag-key", c.ChainID).bytes("B", c.BuyerKey[:]).text("validator", string(c.Validator))
}
