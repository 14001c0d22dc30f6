package pdx_test

import (
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// Money is whole umed, and is multiplied without overflow.
func ExampleParseAmount() {
	price, err := pdx.ParseAmount("1.5MED")
	if err != nil {
		fmt.Println(err)
		return
	}
	escrow, err := price.Times(100)
	fmt.Println(price, escrow.MED(), err)

	_, err = price.Times(1 << 60)
	fmt.Println(errors.Is(err, pdx.ErrInvalid))
	// Output:
	// 1500000umed 150 MED <nil>
	// true
}

// A blob has one text form and one binary form.
func ExampleParseContentID() {
	id, err := pdx.ParseContentID("bafkr4ifpcnfasjofwxxwc6nv3tmvttvnq4kz5wxjd6rq4r5rj2fcyeyq7e")
	fmt.Println(err, len(id.Bytes()) == pdx.ContentIDLen)

	_, err = pdx.ParseContentID("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG")
	fmt.Println(errors.Is(err, pdx.ErrInvalid))
	// Output:
	// <nil> true
	// true
}
