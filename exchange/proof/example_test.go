package proof_test

import (
	"crypto/rand"
	"fmt"

	"github.com/medibloc/pdx/exchange/group"
	"github.com/medibloc/pdx/exchange/proof"
)

// A seller encrypts a dataset's key to a buyer and proves to the chain that it did. The
// proof is valid in its context only.
func ExampleProveDeliver() {
	s, _ := group.RandomScalar(rand.Reader) // the seller's secret
	b, _ := group.RandomScalar(rand.Reader) // the buyer's
	key, _ := group.BaseMul(s)
	buyerKey, _ := group.BaseMul(b)
	nonce := [32]byte{1}
	context := [32]byte{2} // of package attest

	d1, d2, prf, err := proof.ProveDeliver(context, s, nonce, buyerKey.Bytes())
	fmt.Println(len(prf), err)
	fmt.Println(proof.VerifyDeliver(context, key.Bytes(), nonce, buyerKey.Bytes(), d1, d2, prf))

	another := [32]byte{3}
	fmt.Println(proof.VerifyDeliver(another, key.Bytes(), nonce, buyerKey.Bytes(), d1, d2, prf) != nil)
	// Output:
	// 96 <nil>
	// <nil>
	// true
}
