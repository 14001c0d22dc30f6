package model

import (
	"time"

	"github.com/medibloc/pdx"
)

// SaleState is the state of a sale. From SaleOffered on, except SaleFailed, it is the
// deal's state on chain in the same words.
type SaleState string

// The states. Those of a deal are explained in package pdx.
const (
	SaleProjecting  SaleState = "projecting" // the disclosed records are written
	SaleSealing     SaleState = "sealing"    // they are encrypted
	SaleOffering    SaleState = "offering"   // the offer is sent until it is on chain
	SaleOffered               = SaleState(pdx.DealOffered)
	SaleCertified             = SaleState(pdx.DealCertified)
	SaleAcked                 = SaleState(pdx.DealAcked)
	SaleDelivered             = SaleState(pdx.DealDelivered)
	SaleFinal                 = SaleState(pdx.DealFinal)
	SaleLapsed                = SaleState(pdx.DealLapsed)
	SaleUnacked               = SaleState(pdx.DealUnacked)
	SaleUndelivered           = SaleState(pdx.DealUndelivered)
	SaleFraud                 = SaleState(pdx.DealFraud)
	SaleFailed      SaleState = "failed" // the sale cannot continue; Sale.Reason says why
)

// Ended reports whether the state is final.
func (s SaleState) Ended() bool { return s == SaleFailed || pdx.DealState(s).Ended() }

// Order is what a person agreed to sell.
type Order struct {
	Pool       pdx.PoolID
	Data       string        // id or name
	Fields     []string      // JSON pointers to disclose; empty: what the criteria require
	Optional   bool          // with no Fields: also what the criteria ask for and do not require
	Agreed     []uint32      // ids of the pool's terms that the seller agrees to
	Validators []pdx.Address // accepted; empty: all of the pool's
	Unchecked  bool          // offer without checking the records first
	Unlisted   bool          // announce nothing
	// SkipInvalid leaves out records that break the criteria. Skipped is how many the
	// seller agreed to leave out.
	SkipInvalid bool
	Skipped     uint64
	// MaxDeposit is the largest deposit that the seller agreed to; nil: what it is now.
	MaxDeposit *pdx.Amount
}

// Sale is the sale of one dataset into a pool, from the order to the end of its deal. The
// seller stores it in this form.
type Sale struct {
	ID         string
	Pool       pdx.PoolID
	Data       string   // id
	Fields     []string // as in Order, like the next four
	Resources  []string // types of FHIR resources that are disclosed; nil: all
	Agreed     []uint32
	Validators []pdx.Address
	Unchecked  bool
	Unlisted   bool
	Terms      Terms
	// Text is what the pool said when the sale was ordered; nil in sales of older programs and
	// in those that were found on the chain.
	Text *PoolText `json:",omitempty"`
	// SkipInvalid and Skipped are as in Order. Left are the numbers of the records that are
	// left out, as the check of all records counts them.
	SkipInvalid bool
	Skipped     uint64
	Left        []uint64
	// MaxCommission, in basis points, and MaxDeposit are what the order was shown to cost:
	// the k highest commissions and the deposit. The offer is not made at a higher cost.
	MaxCommission uint32
	MaxDeposit    pdx.Amount
	// CriteriaVersion is that of the pool's criteria document, by whose rules the
	// records are projected; 0, in sales of older programs, means 1.
	CriteriaVersion int

	State    SaleState
	Reason   string        // why it ended, or what it waits for; empty when all is well
	Findings []pdx.Finding // the first ones of this node's own check, when that failed the sale

	Disclosed     string   // path of the disclosed records
	DisclosedHash [32]byte // BLAKE3; it never leaves this machine
	Records       uint64

	Nonce   [32]byte     // of the sealing under way or done
	Dataset *pdx.Dataset // nil until sealed

	Tried     time.Time       // when the first offer was sent; zero before
	TriedAt   int64           // the height before the last offer whose outcome is unknown; 0: none
	Deal      pdx.DealID      // 0 until offered
	Checks    []Check         // one for each of Validators, in their order
	SignedAck *pdx.AckVoucher `json:"Voucher"` // of the buyer, off chain; nil without one
	Delivery  *pdx.Delivery   // nil until delivered
	Withdrawn bool            // its owner withdrew the offer
	// ConsentWithdrawn is when its owner withdrew the consent; zero if that did not happen.
	ConsentWithdrawn time.Time `json:",omitzero"`
	Settled          bool      // the sale has ended and its ciphertext is no longer kept

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

// Terms are those of the pool when the seller ordered the sale. The seller delivers no key
// into a deal with other terms.
type Terms struct {
	Buyer    pdx.Address
	Key      pdx.Element // B, to which the dataset's key is delivered
	Price    pdx.Amount
	Criteria pdx.ContentID
	Required uint32 // k: how many validators must accept
	// TermsHash is that of the pool's terms as they were read.
	TermsHash [32]byte
}

// PoolText is what a pool says to people.
type PoolText struct {
	Title     string
	MediaType string
	Terms     []pdx.Term
}

// ConsentEnd is what became of a consent that was withdrawn.
type ConsentEnd struct {
	At      time.Time // when it was first withdrawn
	Stopped bool      // the offer was withdrawn; otherwise the deal goes on
	State   SaleState // of the deal
	Reason  string    // why the chain refused to end it; empty if the state says it
}

// Check is the progress of one validator with a sale.
type Check struct {
	Validator pdx.Address
	Stage     pdx.Stage     // of a validation, or StageWaiting or StageRefused
	Accepted  bool          // its verdict, once Stage says that there is one
	Message   string        // from the validator, or why it cannot be asked
	Findings  []pdx.Finding // the first ones, from the validator, which rejected
	Total     uint64        // findings in all, as the validator says; 0: it does not say
}

// The stages that only a Check has.
const (
	StageWaiting pdx.Stage = "waiting" // no answer yet; the validator is asked again
	StageRefused pdx.Stage = "refused" // the validator will not check this deal
)
