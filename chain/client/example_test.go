package client_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/clienttest"
)

// A ledger speaks of validators, pools and deals in the words of package pdx. This
// one is over a chain in memory; client.New makes one over a chain's endpoints.
func ExampleLedger() {
	ctx := context.Background()
	account := clienttest.Account("validator")
	ledger := clienttest.NewWorld().Fund(account, 2000_000_000)

	err := ledger.RegisterValidator(ctx, pdx.Validator{
		Bond: 1000_000_000, Commission: 100, MaxCommission: 1000, MaxChange: 100, Moniker: "lab",
		PeerID: "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X", Addresses: []string{"/ip4/192.0.2.1/tcp/26680"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	validator, err := ledger.Validator(ctx, account)
	fmt.Println(validator.Moniker, validator.Bond.MED(), validator.Status, err)

	_, err = ledger.Pool(ctx, 7)
	fmt.Println(errors.Is(err, pdx.ErrNotFound))
	// Output:
	// lab 1000 MED bonded <nil>
	// true
}
