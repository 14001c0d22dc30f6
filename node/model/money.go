package model

import (
	"fmt"
	"math/bits"
	"time"

	"github.com/medibloc/pdx"
)

// Money is what an account paid and received.
type Money struct {
	Fees       pdx.Amount `json:",omitempty"` // of its transactions
	Paid       pdx.Amount `json:",omitempty"` // into the exchange: deposits, escrow, bonds, fees of challenges
	Price      pdx.Amount `json:",omitempty"` // for datasets that it sold, with deposits that came back
	Rewards    pdx.Amount `json:",omitempty"` // for verdicts and answers
	Commission pdx.Amount `json:",omitempty"` // its shares of prices as a validator
	Refunds    pdx.Amount `json:",omitempty"` // as a buyer, or when a pool or a bond ended
	Slashed    pdx.Amount `json:",omitempty"` // of its bond, which was paid before
}

// Add returns the sums of two amounts each.
func (m Money) Add(n Money) Money {
	return Money{
		m.Fees + n.Fees, m.Paid + n.Paid, m.Price + n.Price, m.Rewards + n.Rewards, m.Commission + n.Commission,
		m.Refunds + n.Refunds, m.Slashed + n.Slashed,
	}
}

// Net is what was received less what was paid, in umed, with a minus sign if that is less than 0.
func (m Money) Net() string {
	in, carryIn := sum(m.Price, m.Rewards, m.Commission, m.Refunds)
	out, carryOut := sum(m.Fees, m.Paid)
	switch {
	case carryIn > 0 || carryOut > 0: // more money than the chain can have
		return "0"
	case in >= out:
		return fmt.Sprint(in - out)
	}
	return fmt.Sprintf("-%d", out-in)
}

func sum(amounts ...pdx.Amount) (total, carry uint64) {
	for _, a := range amounts {
		var c uint64
		total, c = bits.Add64(total, uint64(a), 0)
		carry += c
	}
	return total, carry
}

// Period is by what money is added up.
type Period string

// The periods; days and months are of UTC.
const (
	ByDay   Period = "day"
	ByMonth Period = "month"
	ByDeal  Period = "deal"
)

// Earning is the money of a day, a month or a deal.
type Earning struct {
	Key   string // 2026-11-30, 2026-11, or the number of a deal
	Money Money
	First time.Time // when money first moved
	// The rest is of deals only, as far as the chain could be read.
	Number  pdx.DealID    `json:",omitempty"`
	Pool    pdx.PoolID    `json:",omitempty"`
	Role    pdx.Role      `json:",omitempty"` // of this account
	Partner pdx.Address   `json:",omitempty"` // the buyer, or the seller if this account buys
	Title   string        `json:",omitempty"` // of the pool
	State   pdx.DealState `json:",omitempty"`
	Price   pdx.Amount    `json:",omitempty"`
}

// Earnings is a page of the account's money.
type Earnings struct {
	List   []Earning
	Total  Money
	Since  int64 // first block on record; 0: none yet
	Last   int64 // last block in which money moved
	Missed int64 // blocks that were not read
	Next   string
}
