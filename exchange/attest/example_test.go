package attest_test

import (
	"fmt"

	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/exchange/seal"
)

// A seller shows a dataset's key to one validator. The context binds the proof to
// chain, deal and validator, so that it counts for no other.
func Example() {
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	if err != nil {
		fmt.Println(err)
		return
	}
	context := attest.OpenDataset{ChainID: "panacea-3", Deal: 7, Validator: "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc"}
	shown, err := key.ProveOpening(context.Hash())
	fmt.Println(len(shown), err)
	fmt.Println(proof.VerifyOpening(context.Hash(), key.Public(), key.Nonce(), key.Opening(), shown))

	context.Deal = 8
	fmt.Println(proof.VerifyOpening(context.Hash(), key.Public(), key.Nonce(), key.Opening(), shown) != nil)
	// Output:
	// 64 <nil>
	// <nil>
	// true
}
