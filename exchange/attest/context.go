package attest

import (
	"crypto/sha512"
	"encoding/binary"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// Module is the on-chain module that every context names.
const Module = "panacea.datapool.v3"

// Deliver is the context of a delivery's proof, a deliver-v1. It contains all terms of
// the seller's payment.
type Deliver struct {
	ChainID       string
	Pool          pdx.PoolID
	Deal          pdx.DealID
	Seller, Buyer pdx.Address
	Denom         string
	Price         uint64   // in Denom
	Cert          [32]byte // CertHash
	AckHeight     int64
}

// Hash returns the context hash to which the proof is bound.
func (c Deliver) Hash() [32]byte {
	return moduleFrames("deliver", c.ChainID).
		number("pool", uint64(c.Pool)).
		number("deal", uint64(c.Deal)).
		text("seller", string(c.Seller)).
		text("buyer", string(c.Buyer)).
		text("denom", c.Denom).
		number("price", c.Price).
		bytes("cert", c.Cert[:]).
		number("ack", uint64(c.AckHeight)).
		hash()
}

// PoolKey is the context of the pop-v1 with which a buyer proves possession of a pool's
// key.
type PoolKey struct {
	ChainID string
	Buyer   pdx.Address
}

// Hash returns the context hash to which the proof is bound.
func (c PoolKey) Hash() [32]byte {
	return moduleFrames("pool-key", c.ChainID).text("buyer", string(c.Buyer)).hash()
}

// OfferDataset is the context of the pop-v1 with which a seller shows that it knows the
// secret of the dataset key that it offers: nobody else can claim the ciphertext under it.
type OfferDataset struct {
	ChainID string
	Pool    pdx.PoolID
	Seller  pdx.Address
	Root    pdx.ContentID
}

// Hash returns the context hash to which the proof is bound.
func (c OfferDataset) Hash() [32]byte {
	return moduleFrames("offer-dataset", c.ChainID).
		number("pool", uint64(c.Pool)).
		text("seller", string(c.Seller)).
		bytes("root", c.Root[:]).
		hash()
}

// OpenDataset is the context of the dleq-v1 with which a seller opens M to one
// validator.
type OpenDataset struct {
	ChainID   string
	Deal      pdx.DealID
	Validator pdx.Address
}

// Hash returns the context hash to which the proof is bound.
func (c OpenDataset) Hash() [32]byte {
	return moduleFrames("open-dataset", c.ChainID).
		number("deal", uint64(c.Deal)).
		text("validator", string(c.Validator)).
		hash()
}

// OpenBlocks is the context of the dleq-v1 with which a seller opens the keys of some
// blocks to one validator (proof.ProveBlocks). The specification defines it and has known
// answers for it, but no protocol of this version uses it: it is exported so that
// validators can check samples of a dataset in a later version without new bytes.
type OpenBlocks struct {
	ChainID   string
	Deal      pdx.DealID
	Validator pdx.Address
}

// Hash returns the context hash to which the proof is bound.
func (c OpenBlocks) Hash() [32]byte {
	return moduleFrames("open-blocks", c.ChainID).
		number("deal", uint64(c.Deal)).
		text("validator", string(c.Validator)).
		hash()
}

// ComplainBlock is the context of the dleq-v1 of a complaint about a segment of one
// block.
type ComplainBlock struct {
	ChainID string
	Deal    pdx.DealID
	Buyer   pdx.Address
	Block   uint64
}

// Hash returns the context hash to which the proof is bound.
func (c ComplainBlock) Hash() [32]byte {
	return moduleFrames("complain-block", c.ChainID).
		number("deal", uint64(c.Deal)).
		text("buyer", string(c.Buyer)).
		number("block", c.Block).
		hash()
}

// ComplainBox is the context of the open-v1 of a complaint about a box that does not
// open.
type ComplainBox struct {
	ChainID string
	Deal    pdx.DealID
	Buyer   pdx.Address
}

// Hash returns the context hash to which the proof is bound.
func (c ComplainBox) Hash() [32]byte {
	return moduleFrames("complain-box", c.ChainID).
		number("deal", uint64(c.Deal)).
		text("buyer", string(c.Buyer)).
		hash()
}

// frames are canonical bytes under construction.
type frames []byte

// moduleFrames returns the first frames of a context.
func moduleFrames(domain, chainID string) frames {
	return frames(nil).text("domain", domain).text("chain", chainID).text("module", Module)
}

func (f frames) bytes(label string, v []byte) frames { return group.Frame(f, label, v) }

func (f frames) text(label, v string) frames { return f.bytes(label, []byte(v)) }

func (f frames) number(label string, v uint64) frames {
	return f.bytes(label, binary.BigEndian.AppendUint64(nil, v))
}

// hash returns the SHA-512/256 of the frames.
func (f frames) hash() [32]byte { return sha512.Sum512_256(f) }
