package group_test

import (
	"crypto/rand"
	"fmt"

	"github.com/medibloc/pdx/exchange/group"
)

// Nobody but the seller can compute M = s·H: H is derived from public values, and
// nobody knows its logarithm.
func Example() {
	s, err := group.RandomScalar(rand.Reader)
	if err != nil {
		fmt.Println(err)
		return
	}
	public, _ := group.BaseMul(s) // S = s·g; s is not 0
	base, _ := group.DatasetBase(public.Bytes(), [32]byte{1})
	m, _ := base.Mul(s)

	again, err := group.DecodePoint(mustBytes(m))
	fmt.Println(again.Equal(m), err)

	identity := make([]byte, 32)
	_, err = group.DecodePoint(identity)
	fmt.Println(err)
	fmt.Println(s) // secrets do not print themselves
	// Output:
	// true <nil>
	// element: refused: identity element
	// [redacted]
}

func mustBytes(p group.Point) []byte {
	b := p.Bytes()
	return b[:]
}
