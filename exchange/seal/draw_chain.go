package seal

import (
	"crypto/sha512"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// DrawLength is how many preimages a pool's draw chain has: one in each block of 6 s for 18
// days. The commitment takes about a tenth of a second to compute.
const DrawLength = 1 << 18

// A DrawChain is a buyer's part of the draws of one pool: a hash chain, whose end the
// buyer commits to and which it reveals from there backwards. It follows from the pool's
// key, so whoever has that key can reveal it.
type DrawChain struct {
	group.Redacted
	start  [32]byte
	length int
}

// DrawChain returns the chain of the key's pool with that many preimages.
func (k BuyerKey) DrawChain(length int) DrawChain {
	b := k.secret.Bytes()
	defer clear(b[:])
	seed := group.Frame(nil, "domain", []byte("draw-secret"))
	seed = group.Frame(seed, "b", b[:])
	defer clear(seed)
	return DrawChain{start: sha512.Sum512_256(seed), length: length}
}

// DrawStep returns the value of a draw chain after v.
func DrawStep(v [32]byte) [32]byte {
	b := group.Frame(make([]byte, 0, 96), "domain", []byte("draw-chain"))
	return sha512.Sum512_256(group.Frame(b, "value", v[:]))
}

// Commitment returns the end of the chain.
func (c DrawChain) Commitment() [32]byte {
	v := c.start
	for range c.length {
		v = DrawStep(v)
	}
	return v
}

// Preimage returns the value before a commitment. It returns pdx.ErrNotFound if the
// commitment is not of this chain or its first value, so that nothing is left to reveal.
func (c DrawChain) Preimage(commitment [32]byte) ([32]byte, error) {
	v := c.start
	for range c.length {
		next := DrawStep(v)
		if next == commitment {
			return v, nil
		}
		v = next
	}
	return [32]byte{}, pdx.ErrNotFound
}
