package seal_test

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/seal"
)

// A dataset is sealed by the seller; its key is encrypted to the buyer, who decrypts
// the delivery and opens the dataset.
func Example() {
	// The seller seals. The root is the address of the ciphertext.
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	if err != nil {
		fmt.Println(err)
		return
	}
	var ciphertext bytes.Buffer
	facts, err := key.Seal(&ciphertext, strings.NewReader("a record\n"), pdx.AES256GCM)
	if err != nil {
		fmt.Println(err)
		return
	}
	root := bao.NewBuilder(nil)
	_, _ = root.Write(ciphertext.Bytes()) // fails only with a tree, or beyond bao.MaxSize
	id, _, _ := root.Finish()
	dataset := pdx.Dataset{
		Root: id, Size: facts.Size, Key: key.Public(), Nonce: key.Nonce(), AEAD: pdx.AES256GCM,
		Box: facts.Box, KeyCommit: facts.KeyCommit, Commitment: facts.Commitment,
	}

	// The delivery, on chain: the key, encrypted to the buyer, with its proof.
	buyer := seal.NewBuyerKey()
	d1, d2, _, err := key.Deliver([32]byte{}, buyer.Public())
	if err != nil {
		fmt.Println(err)
		return
	}

	// The buyer opens.
	m, err := buyer.Recover(d1, d2)
	if err != nil {
		fmt.Println(err)
		return
	}
	opened, err := seal.OpenDataset(m, dataset)
	if err != nil {
		fmt.Println(err)
		return
	}
	var plaintext bytes.Buffer
	fmt.Println(opened.Open(&plaintext, &ciphertext, dataset))
	fmt.Print(plaintext.String())
	// Output:
	// <nil>
	// a record
}
