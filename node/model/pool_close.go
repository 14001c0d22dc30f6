package model

import "github.com/medibloc/pdx"

// ClosePool asks for the end of a pool.
type ClosePool struct {
	ID      pdx.PoolID
	DryRun  bool        // say what it would cost and bring, and change nothing
	MaxCost *pdx.Amount // the most that it may cost; nil: what it costs now
}

// ClosedPool is what the end of a pool costs and brings.
type ClosedPool struct {
	Refund pdx.Amount // that comes back of the escrow at once
	// Cost is what the chain holds for the offers that wait in the pool: what they cost their
	// sellers and validators is paid from it when they end, and the rest comes back.
	Cost  pdx.Amount
	Extra pdx.Amount // the part of Cost that the escrow does not cover
}

// Closing is what closing a pool would cost and bring now.
func Closing(pool pdx.Pool) ClosedPool {
	held := min(pool.CloseCost, pool.Escrow)
	return ClosedPool{Refund: pool.Escrow - held, Cost: pool.CloseCost, Extra: pool.CloseCost - held}
}
