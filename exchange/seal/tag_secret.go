package seal

import (
	"crypto/sha512"

	"github.com/medibloc/pdx/exchange/group"
)

// TagSecret returns the tag key of the key's pool, under which its validators recognise
// records without telling anybody else which they are. It follows from the pool's key, so
// whoever has that key has it.
func (k BuyerKey) TagSecret() [32]byte {
	b := k.secret.Bytes()
	defer clear(b[:])
	seed := group.Frame(nil, "domain", []byte("tag-secret"))
	seed = group.Frame(seed, "b", b[:])
	defer clear(seed)
	return sha512.Sum512_256(seed)
}
