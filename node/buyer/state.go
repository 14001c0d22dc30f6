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
	StateFinal     State = "final"     // opened, and the money is the seller's

	StateLapsed      State = "lapsed"
	StateUnacked     State = "unacked"
	StateUndelivered State = "undelivered"
	StateFraud       State = "fraud"
	StateFailed      State = "failed" // delivered, and it does not open

	StatePaused State = "paused" // something on this machine is in the way; tried again
)

// done tells whether there is nothing left to do for a deal.
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
}

// Opened is what became of a dataset on this machine.
type Opened struct {
	Path    string // of the decrypted records
	Records uint64 // 0 when the media type has no lines to count
	Bytes   uint64
	Hash    [32]byte // BLAKE3 of the file
}

// Fault is what is wrong with a delivered dataset.
type Fault string

// The faults. A segment or the box can be complained about on chain.
const (
	FaultBox        Fault = "box"        // M does not open the box
	FaultSegment    Fault = "segment"    // a segment does not decrypt
	FaultSize       Fault = "size"       // not a ciphertext of the certified size
	FaultCommitment Fault = "commitment" // it decrypts to other plaintext than committed
)

// Evidence says what is wrong and where. The proof itself is made from the
// ciphertext and the pool's key, which both stay.
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
