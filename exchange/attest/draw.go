package attest

import "github.com/medibloc/pdx"

// Offered is what tells one offer from every other: the deal that it opened, its seller
// and the sealed dataset.
type Offered struct {
	ChainID string
	Pool    pdx.PoolID
	Deal    pdx.DealID
	Seller  pdx.Address
	Dataset pdx.Dataset
}

// Hash returns the offer's part of its draw.
func (o Offered) Hash() [32]byte {
	return moduleFrames("draw-offer", o.ChainID).
		number("pool", uint64(o.Pool)).
		number("deal", uint64(o.Deal)).
		text("seller", string(o.Seller)).
		dataset(o.Dataset).
		hash()
}

// Draw has what decides which validators are drawn for a deal. Each part comes from
// somebody else: the buyer, the seller and the proposer of a block.
type Draw struct {
	ChainID  string
	Preimage []byte   // of the buyer, 32 bytes; empty if it did not reveal it in time
	Offer    [32]byte // hash of the Offered
	Block    []byte   // hash of the block after the offer's
}

// Seed returns the hash of all parts.
func (d Draw) Seed() [32]byte {
	return moduleFrames("draw-seed", d.ChainID).
		bytes("preimage", d.Preimage).
		bytes("offer", d.Offer[:]).
		bytes("block", d.Block).
		hash()
}

// DrawRank returns the rank of a validator in the draw with a seed. The smallest ranks,
// compared as bytes, are drawn.
func DrawRank(seed [32]byte, validator pdx.Address) [32]byte {
	return make(frames, 0, 192).text("domain", "draw-rank").bytes("seed", seed[:]).text("validator", string(validator)).hash()
}
