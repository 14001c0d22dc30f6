package procs

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"github.com/cosmos/btcutil/bech32"
	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/internal/lifecycle"
)

// A Holding is the money of one holder.
type Holding struct {
	Name   string     `json:"name"`
	Amount pdx.Amount `json:"umed"`
}

// Money is what all participants own at one height: the nodes, the exchange module, the
// accounts given to Fleet.Count, and those that receive fees. The sum changes only by what
// the faucet pays.
type Money struct {
	Height   int64
	Holdings []Holding
}

// Sum returns the total, in umed.
func (m Money) Sum() (total pdx.Amount) {
	for _, h := range m.Holdings {
		total += h.Amount
	}
	return total
}

// Money returns what everybody owns after the last block. It waits for the next block,
// which shows that the state of the last one can be read.
func (f *Fleet) Money(ctx context.Context) (money Money, err error) {
	chain, err := f.Reader()
	if err != nil {
		return money, err
	}
	defer chain.Close()
	if money.Height, err = settled(ctx, chain); err != nil {
		return money, err
	}
	for _, p := range f.purses() {
		h := Holding{Name: p.name}
		for _, address := range p.addresses {
			amount, err := chain.Balance(AtHeight(ctx, money.Height), address)
			if err != nil {
				return money, err
			}
			h.Amount += amount
		}
		money.Holdings = append(money.Holdings, h)
	}
	return money, nil
}

// settled returns the last height, once there is a higher one.
func settled(ctx context.Context, chain *client.Client) (int64, error) {
	last, err := chain.Head(ctx)
	for now := last; err == nil && now.Height == last.Height; now, err = chain.Head(ctx) {
		if err := lifecycle.Sleep(ctx, readerPoll); err != nil {
			return 0, err
		}
	}
	return last.Height, err
}

// Count includes an account that belongs to no node in Money from now on.
func (f *Fleet) Count(name string, account pdx.Address) {
	f.others = append(f.others, purse{name, []pdx.Address{account}})
}

type purse struct {
	name      string
	addresses []pdx.Address
}

func (f *Fleet) purses() []purse {
	var list []purse
	for _, m := range f.members {
		list = append(list, purse{m.Name, []pdx.Address{m.Account}})
	}
	return append(append(list, f.others...),
		purse{"in the exchange (bonds, rest)", []pdx.Address{moduleAddress("datapool")}},
		purse{"fees, with the chain", []pdx.Address{moduleAddress("fee_collector"), moduleAddress("distribution")}})
}

// Reader returns a client that reads the chain; the caller must close it.
func (f *Fleet) Reader() (*client.Client, error) {
	ends := f.Observed()
	return client.New(client.Config{ChainID: ends.ChainID, GRPC: ends.GRPC, RPC: ends.RPC, Poll: readerPoll})
}

// readerPoll suits a development chain's blocks.
const readerPoll = 100 * time.Millisecond

// AtHeight returns a context with which a Reader reads the state after that height.
func AtHeight(ctx context.Context, height int64) context.Context {
	return metadata.AppendToOutgoingContext(ctx, grpctypes.GRPCBlockHeightHeader, strconv.FormatInt(height, 10))
}

// moduleAddress returns where the chain keeps the money of a module: the first 20
// bytes of the hash of its name.
func moduleAddress(name string) pdx.Address {
	sum := sha256.Sum256([]byte(name))
	text, err := bech32.EncodeFromBase256(pdx.AddressPrefix, sum[:20])
	if err != nil {
		panic(fmt.Sprintf("address of module %s: %v", name, err)) // 20 bytes always encode
	}
	return pdx.Address(text)
}
