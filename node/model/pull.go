package model

import (
	"fmt"
	"os"
	"time"

	"github.com/medibloc/pdx"
)

// PullState is the state of a deal as its buyer has it.
type PullState string

// The states: the way, the ends, and a wait.
const (
	PullCertified PullState = "certified" // ordered; nothing is here yet
	PullPulling   PullState = "pulling"
	PullHeld      PullState = "held" // complete and verified, not acknowledged
	PullAcked     PullState = "acked"
	PullDelivered PullState = "delivered" // the key is on chain
	PullOpened    PullState = "opened"    // the records lie in the folder
	PullDisputed  PullState = "disputed"  // it does not open; the complaint is on its way
	PullFinal     PullState = "final"     // opened, and the money is the seller's

	PullLapsed      PullState = "lapsed"
	PullUnacked     PullState = "unacked"
	PullUndelivered PullState = "undelivered"
	PullFraud       PullState = "fraud"  // the complaint convicted it; the money is back
	PullFailed      PullState = "failed" // it does not open, and no complaint can change that

	PullPaused PullState = "paused" // something on this machine is in the way; tried again
)

// Done reports whether there is nothing left to do for a deal.
func (s PullState) Done() bool {
	switch s {
	case PullFinal, PullLapsed, PullUnacked, PullUndelivered, PullFraud, PullFailed:
		return true
	}
	return false
}

// PullsInProgress are the states that are not done.
var PullsInProgress = []PullState{
	PullCertified, PullPulling, PullHeld, PullAcked, PullDelivered, PullOpened, PullDisputed, PullPaused,
}

// Pull is a dataset on its way through a deal.
type Pull struct {
	Deal   pdx.DealID
	Pool   pdx.PoolID
	Seller pdx.Address
	Root   pdx.ContentID
	State  PullState
	Reason string    // why it failed, is paused or waits
	Since  time.Time // when it began to wait, with a reason; zero while it goes on
	Held   uint64    // bytes of ciphertext that are here
	Size   uint64    // bytes of ciphertext
	Opened *Opened
	// Again says that the files of a dataset that was opened are gone, and that it is
	// pulled and opened once more.
	Again bool
	// SignedAck is the ack off chain; nil without one.
	SignedAck *SignedAck `json:"Voucher"`
	// Evidence is set when the delivered dataset does not open.
	Evidence *Evidence
	// Complained is the height at which a complaint was last sent, 0 before.
	Complained int64
	// Sound says that it decrypts to what was certified, though it does not lie in
	// the folder yet.
	Sound bool
	// Challenged is the height at which a challenge of the promises was last sent, 0 before.
	Challenged int64 `json:",omitempty"`
	// Refund is what a conviction credited: price, deposit and compensation; after a broken
	// promise the fee and the compensation.
	Refund pdx.Amount
	// Erased is when its records were deleted on request of the seller; zero if they were not.
	Erased time.Time `json:",omitzero"`
	// Ended is when it was done, by this machine's clock; zero before, and in records of
	// older programs.
	Ended time.Time
}

// Opened is what became of a dataset on this machine.
type Opened struct {
	Path    string // of the decrypted records: a file, or a folder of files
	Records uint64 // 0 when the media type has no lines to count
	Bytes   uint64
	Hash    [32]byte // BLAKE3 of the file, or of the folder as the stream that it came as
	// At is when it was written there; zero in homes of older programs.
	At time.Time
	// Copiers are the validators that accepted the dataset and whose report hash shows that
	// they did not read it.
	Copiers []pdx.Address `json:",omitempty"`
}

// Files says whether what was delivered still lies where it was put.
type Files string

// What can be there.
const (
	FilesPresent Files = "present"
	FilesChanged Files = "changed" // a file of another size, or another kind of thing
	FilesMissing Files = "missing"
)

// Files looks whether the records lie at their path. It compares the size of a file and
// reads nothing.
func (o Opened) Files() Files {
	info, err := os.Lstat(o.Path)
	switch {
	case err != nil:
		return FilesMissing
	case info.IsDir(), info.Mode().IsRegular() && uint64(info.Size()) == o.Bytes:
		return FilesPresent
	}
	return FilesChanged
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

// Provable reports whether a complaint can prove the fault on chain. The other faults could
// be proven only by the whole dataset, which does not fit into a block.
func (f Fault) Provable() bool { return f == FaultBox || f == FaultSegment }

// Evidence says what is wrong and where. The proof itself is made from the
// ciphertext and the pool's key, which both stay until the deal has ended.
type Evidence struct {
	Fault   Fault
	Segment uint64 // with FaultSegment: index over the whole ciphertext, from 0
}

// String says what is wrong.
func (e Evidence) String() string {
	switch e.Fault {
	case FaultBox:
		return "the delivered key does not open the dataset's box"
	case FaultSegment:
		return fmt.Sprintf("segment %d of the certified ciphertext does not decrypt", e.Segment)
	case FaultSize:
		return "the dataset is not of the certified size"
	default:
		return "the dataset decrypts to something else than its seller committed to"
	}
}

// SignedAck is what a buyer remembers of its ack of a deal off chain.
type SignedAck struct {
	pdx.AckVoucher
	Signed time.Time // by the chain's clock
	Taken  bool      // the seller has it on disk
}

// PullOrder says that a deal, or with Deal 0 all deals of a pool, present and to
// come, shall be pulled into a folder.
type PullOrder struct {
	Pool pdx.PoolID
	Deal pdx.DealID
	Out  string // absolute
}

// Challenged is a challenge that was sent.
type Challenged struct {
	Number uint32 // among the deal's, from 1
	Chunks []uint64
	Fee    pdx.Amount
}

// Ordered is what becomes of an order: each deal that it covers and that was opened
// before is in one of the lists.
type Ordered struct {
	Again   []Pull // opened before; they are pulled and opened once more
	Present []Pull // their files are where they were put, and stay there
	Gone    []Pull // their files are gone, and cannot be had again; the reason says why
	// Goes says that other deals are pulled, now or when they come.
	Goes bool
}
