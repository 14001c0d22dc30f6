package pdx

// Draw is the random selection of a deal's validators.
type Draw struct {
	Count      uint32
	Candidates []Address // in the pool's order; those that are bonded at the draw take part
	Height     int64     // of the block that drew; 0 until then
	Revealed   bool      // the buyer's part was in the draw
}

// Reveal is the buyer's part of the draws of a pool.
type Reveal struct {
	Pool     PoolID
	Preimage [32]byte
	Height   int64 // of a block that was final before anybody saw the preimage
}

// Undrawn reports whether the deal waits for its validators to be drawn.
func (d Deal) Undrawn() bool {
	return d.Draw != nil && d.Draw.Height == 0 && !d.State.Ended()
}

// DrawBlockHeight is the height of the block whose hash is part of the deal's draw.
func (d Deal) DrawBlockHeight() int64 { return d.Entered(DealOffered).Height + 1 }
