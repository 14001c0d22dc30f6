package model

import (
	"time"

	"github.com/medibloc/pdx"
)

// SaleState is the state of a sale. From SaleOffered on, except SaleFailed, it is the
// deal's state on chain in the same words.
type SaleState string

// The states.
const (
	SaleProjecting  SaleState = "projecting"
	SaleSealing     SaleState = "sealing"
	SaleOffering    SaleState = "offering"
	SaleOffered               = SaleState(pdx.DealOffered)
	SaleCertified             = SaleState(pdx.DealCertified)
	SaleAcked                 = SaleState(pdx.DealAcked)
	SaleDelivered             = SaleState(pdx.DealDelivered)
	SaleFinal                 = SaleState(pdx.DealFinal)
	SaleLapsed                = SaleState(pdx.DealLapsed)
	SaleUnacked               = SaleState(pdx.DealUnacked)
	SaleUndelivered           = SaleState(pdx.DealUndelivered)
	SaleFraud                 = SaleState(pdx.DealFraud)
	SaleFailed      SaleState = "failed"
)

// Ended reports whether no state can follow.
func (s SaleState) Ended() bool { return s == SaleFailed || pdx.DealState(s).Ended() }

// Order is what a person agreed to sell.
type Order struct {
	Pool       pdx.PoolID
	Data       string        // id or name
	Fields     []string      // JSON pointers; empty: what the criteria require
	Optional   bool          // with no Fields: also what the criteria ask for and do not require
	Agreed     []uint32      // ids of terms
	Validators []pdx.Address // accepted; empty: all of the pool's
	Unchecked  bool          // offer without checking the records first
	Unlisted   bool          // announce nothing
}

// Sale is one dataset on its way through a pool. It is what the table holds.
type Sale struct {
	ID         string
	Pool       pdx.PoolID
	Data       string // id
	Fields     []string
	Agreed     []uint32
	Validators []pdx.Address
	Unchecked  bool
	Unlisted   bool
	Terms      Terms
	// CriteriaVersion is that of the pool's criteria document, by whose rules the
	// records are projected; 0, in sales of older programs, is 1.
	CriteriaVersion int

	State    SaleState
	Reason   string        // why it ended, or what it waits for; empty when all is well
	Findings []pdx.Finding // the first ones of this node's own check, when that failed the sale

	Disclosed     string   // path of the disclosed records
	DisclosedHash [32]byte // BLAKE3; it never leaves this machine
	Records       uint64

	Nonce   [32]byte     // of the sealing under way or done
	Dataset *pdx.Dataset // nil until sealed

	Tried     time.Time       // when the first offer was sent, zero before
	TriedAt   int64           // height before the last one was sent whose fate is unknown
	Deal      pdx.DealID      // 0 until offered
	Checks    []Check         // by validator, in the order of Validators
	SignedAck *pdx.AckVoucher `json:"Voucher"` // of the buyer, off chain; nil without one
	Delivery  *pdx.Delivery
	Settled   bool // ended, and its ciphertext was let go

	// Adopted says that the sale was found on the chain and not in this node's
	// database; Data and Disclosed are empty until its records are found, too.
	Adopted bool
	// Unproven says that the terms of an adopted sale are what the ledger shows,
	// and were not proven yet.
	Unproven bool

	Created, Updated time.Time

	// Progress is that of the step under way, in bytes read. It is shown and not stored.
	Progress pdx.Progress `json:"-"`
}

// Terms are those of the pool as the seller saw them when it ordered. A deal on
// others gets no key.
type Terms struct {
	Buyer    pdx.Address
	Key      pdx.Element // B
	Price    pdx.Amount
	Criteria pdx.ContentID
	Required uint32 // k
}

// Check is how far one validator is with a sale.
type Check struct {
	Validator pdx.Address
	Stage     pdx.Stage // of a validation, or StageWaiting or StageRefused
	Accepted  bool
	Message   string
	Findings  []pdx.Finding
	Total     uint64 // findings in all, as the validator says; 0: it does not say
}

// The stages that only a Check has.
const (
	StageWaiting pdx.Stage = "waiting" // it is asked again
	StageRefused pdx.Stage = "refused" // the validator says that it will not check this deal
)
