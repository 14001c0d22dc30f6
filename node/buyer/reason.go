package buyer

import (
	"fmt"

	"github.com/medibloc/pdx"
)

// What is said of a dataset that does not open, for its buyer to read.
const (
	unprovable = ". The chain cannot judge this: what is wrong shows only with the whole dataset and its key, for which no transaction" +
		" has room. The price is paid; the ciphertext and the pool's key stay here as evidence against the validators that certified it"
	tooLate = ". The dispute ended before a complaint was in a block, so the price is paid; the ciphertext and the pool's key stay here as evidence"
)

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

// convicted takes over what the chain made of a complaint.
func (p *Pull) convicted(deal pdx.Deal) {
	if deal.State != pdx.DealFraud {
		return
	}
	p.Refund = deal.Price + deal.Deposit
	c := deal.Conviction
	if c == nil {
		return
	}
	p.Refund += c.Compensation
	if p.Evidence == nil { // another machine of this account complained
		p.Evidence = &Evidence{Fault: FaultBox}
		if c.Kind == pdx.ComplaintSegment {
			p.Evidence = &Evidence{Fault: FaultSegment, Segment: c.Segment}
		}
	}
}

// endReason says what became of the money of a deal that ended badly.
func (p *Pull) endReason(state State) string {
	if state != StateFraud || p.Evidence == nil {
		return ""
	}
	return fmt.Sprintf("%s; the chain convicted it and credited %s to you: the price, the seller's deposit and a compensation", p.Evidence, p.Refund.MED())
}
