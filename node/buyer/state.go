package buyer

import "github.com/medibloc/pdx"

// State is where a deal stands, seen by its buyer.
type State string

// The states: the way, the ends, and a wait.
const (
	StateCertified State = "certified" // ordered; nothing is here yet
	StatePulling   State = "pulling"
	StateHeld      State = "held" // complete and verified, not acknowledged
	StateAcked     State = "acked"
	StateDelivered State = "delivered" // the key is on chain
	StateOpened    State = "opened"    // the records lie in the folder
	StateDisputed  State = "disputed"  // it does not open; the complaint is on its way
	StateFinal     State = "final"     // opened, and the money is the seller's

	StateLapsed      State = "lapsed"
	StateUnacked     State = "unacked"
	StateUndelivered State = "undelivered"
	StateFraud       State = "fraud"  // the complaint convicted it; the money is back
	StateFailed      State = "failed" // it does not open, and no complaint can change that

	StatePaused State = "paused" // something on this machine is in the way; tried again
)

// done reports whether there is nothing left to do for a deal.
func (s State) done() bool {
	switch s {
	case StateFinal, StateLapsed, StateUnacked, StateUndelivered, StateFraud, StateFailed:
		return true
	}
	return false
}

// Pull is a dataset on its way through a deal.
type Pull struct {
	Deal   pdx.DealID
	Pool   pdx.PoolID
	Seller pdx.Address
	Root   pdx.ContentID
	State  State
	Reason string // why it failed, is paused or waits
	Held   uint64 // bytes of ciphertext that are here
	Size   uint64 // bytes of ciphertext
	Opened *Opened
	// Voucher is the ack off chain; nil without one.
	Voucher *Voucher
	// Evidence is set when the delivered dataset does not open.
	Evidence *Evidence
	// Complained is the height at which a complaint was last sent, 0 before.
	Complained int64
	// Sound says that it decrypts to what was certified, though it does not lie in
	// the folder yet.
	Sound bool
	// Refund is what a conviction credited: price, deposit and compensation.
	Refund pdx.Amount
}

// Opened is what became of a dataset on this machine.
type Opened struct {
	Path    string // of the decrypted records: a file, or a folder of files
	Records uint64 // 0 when the media type has no lines to count
	Bytes   uint64
	Hash    [32]byte // BLAKE3 of the file, or of the folder as the stream that it came as
}

// Fault is what is wrong with a delivered dataset.
type Fault string

// The faults.
const (
	FaultBox        Fault = "box"        // M does not open the box
	FaultSegment    Fault = "segment"    // a segment does not decrypt
	FaultSize       Fault = "size"       // not a ciphertext of the certified size
	FaultCommitment Fault = "commitment" // it decrypts to other plaintext than committed
)

// provable reports whether a complaint can show the fault. The others show only
// under M itself with the whole dataset, which no block has room for.
func (f Fault) provable() bool { return f == FaultBox || f == FaultSegment }

// Evidence says what is wrong and where. The proof itself is made from the
// ciphertext and the pool's key, which both stay until the deal has ended.
type Evidence struct {
	Fault   Fault
	Segment uint64 // with FaultSegment: index over the whole ciphertext, from 0
}

// Order says that a deal, or with Deal 0 all deals of a pool, present and to
// come, shall be pulled into a folder.
type Order struct {
	Pool pdx.PoolID
	Deal pdx.DealID
	Out  string // absolute
}

func (o Order) key() string { return o.Pool.String() + "/" + o.Deal.String() }
