package seller

import (
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
)

// State is where a sale stands. From Offered on, but for Failed, it is the
// deal's state on chain in the same words.
type State string

// The states.
const (
	Projecting  State = "projecting"
	Sealing     State = "sealing"
	Offering    State = "offering"
	Offered           = State(pdx.DealOffered)
	Certified         = State(pdx.DealCertified)
	Acked             = State(pdx.DealAcked)
	Delivered         = State(pdx.DealDelivered)
	Final             = State(pdx.DealFinal)
	Lapsed            = State(pdx.DealLapsed)
	Unacked           = State(pdx.DealUnacked)
	Undelivered       = State(pdx.DealUndelivered)
	Fraud             = State(pdx.DealFraud)
	Failed      State = "failed"
)

// Ended reports whether no state can follow.
func (s State) Ended() bool { return s == Failed || pdx.DealState(s).Ended() }

// Order is what a person agreed to sell.
type Order struct {
	Pool       pdx.PoolID
	Data       string        // id or name
	Fields     []string      // JSON pointers; empty: what the criteria ask for
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

	State    State
	Reason   string        // why it ended, or what it waits for; empty when all is well
	Findings []pdx.Finding // of this node's own check, when that failed the sale

	Disclosed     string   // path of the disclosed records
	DisclosedHash [32]byte // BLAKE3; it never leaves this machine
	Records       uint64

	Nonce   [32]byte     // of the sealing under way or done
	Dataset *pdx.Dataset // nil until sealed

	Tried    time.Time       // when the first offer was sent, zero before
	TriedAt  int64           // height before the last one was sent whose fate is unknown
	Deal     pdx.DealID      // 0 until offered
	Checks   []Check         // by validator, in the order of Validators
	Voucher  *pdx.AckVoucher // of the buyer; nil without one
	Delivery *pdx.Delivery
	Settled  bool // ended, and its ciphertext was let go

	// Adopted says that the sale was found on the chain and not in this node's
	// database; Data and Disclosed are empty until its records are found, too.
	Adopted bool
	// Unproven says that the terms of an adopted sale are what the ledger shows,
	// and were not proven yet.
	Unproven bool

	Created, Updated time.Time

	// Done of Work bytes are read in the step under way, which is what takes long
	// with large data. They are shown, and not kept.
	Step       string `json:"-"`
	Done, Work uint64 `json:"-"`
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

func termsOf(p pdx.Pool) Terms {
	return Terms{Buyer: p.Buyer, Key: p.Key, Price: p.Price, Criteria: p.Criteria, Required: p.Certificates}
}

// Check is where one validator stands with a sale.
type Check struct {
	Validator pdx.Address
	Stage     pdx.Stage // of a validation, or StageWaiting or StageRefused
	Accepted  bool
	Message   string
	Findings  []pdx.Finding
}

// The stages of a Check that are the seller's own.
const (
	StageWaiting pdx.Stage = "waiting" // to ask again
	StageRefused pdx.Stage = "refused" // it will not check this deal, it says
)

// live reports whether a sale still uses its data.
func (s Sale) live() bool { return !s.State.Ended() }

// disclosure is what the sale keeps of each record.
func (s Sale) disclosure() criteria.Disclosure {
	return criteria.Disclosure{Version: s.CriteriaVersion, Fields: s.Fields}
}

// same reports whether an order would sell the same again.
func (s Sale) same(o Sale) bool {
	return s.Pool == o.Pool && s.Data == o.Data && slices.Equal(s.Fields, o.Fields)
}

// check is the entry for a validator, made if there is none.
func (s *Sale) check(validator pdx.Address) *Check {
	i := slices.IndexFunc(s.Checks, func(c Check) bool { return c.Validator == validator })
	if i < 0 {
		s.Checks = append(s.Checks, Check{Validator: validator})
		i = len(s.Checks) - 1
	}
	return &s.Checks[i]
}

// note takes in where a validator stands. A verdict is not taken back, but its
// reasons may come before the chain tells it, or after.
func (s *Sale) note(check Check) {
	entry := s.check(check.Validator)
	if len(check.Findings) == 0 && check.Accepted == entry.Accepted {
		check.Findings = entry.Findings
	}
	switch {
	case entry.Stage != pdx.StageDone || check.Stage == pdx.StageDone && len(entry.Findings) == 0:
		*entry = check
	case check.Stage == pdx.StageCertifying && check.Accepted == entry.Accepted: // the chain was faster
		entry.Findings = check.Findings
	}
}
