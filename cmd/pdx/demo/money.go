package demo

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/cosmos/btcutil/bech32"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
)

// Account is who holds how much.
type Account struct {
	Name   string     `json:"name"`
	Amount pdx.Amount `json:"umed"`
}

// count reads what everybody who takes part holds: the nodes, the exchange
// module, and those to whom fees go.
func (d *demo) count(ctx context.Context, into *[]Account) error {
	ends := d.fleet.Endpoints()
	chain, err := client.New(client.Config{ChainID: ends.ChainID, GRPC: ends.GRPC, RPC: ends.RPC, Poll: 100 * time.Millisecond})
	if err != nil {
		return err
	}
	defer chain.Close()
	*into = nil
	add := func(name string, addresses ...pdx.Address) error {
		total := pdx.Amount(0)
		for _, a := range addresses {
			amount, err := chain.Balance(ctx, a)
			if err != nil {
				return err
			}
			total += amount
		}
		*into = append(*into, Account{name, total})
		return nil
	}
	for _, m := range d.fleet.Members() {
		if err := add(m.Name, m.Account); err != nil {
			return err
		}
	}
	if err := add("in the exchange (bonds, dust)", moduleAddress("datapool")); err != nil {
		return err
	}
	return add("fees, with the chain", moduleAddress("fee_collector"), moduleAddress("distribution"))
}

// moduleAddress is where the chain keeps the money of a module: the first 20
// bytes of the hash of its name.
func moduleAddress(name string) pdx.Address {
	sum := sha256.Sum256([]byte(name))
	text, err := bech32.EncodeFromBase256(client.Prefix, sum[:20])
	if err != nil {
		panic(fmt.Sprintf("address of module %s: %v", name, err)) // 20 bytes always encode
	}
	return pdx.Address(text)
}
