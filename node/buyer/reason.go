package buyer

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// What is said of a dataset that does not open, for its buyer to read.
const (
	unprovable = ". The chain cannot judge this: what is wrong shows only with the whole dataset and its key, for which no transaction" +
		" has room. The price is paid; the ciphertext and the pool's key stay here as evidence against the validators that certified it"
	tooLate = ". The dispute ended before a complaint was in a block, so the price is paid;" +
		" the ciphertext and the pool's key stay here as evidence"
)

// convicted takes over what the chain made of a complaint.
func convicted(p *model.Pull, deal pdx.Deal) {
	c := deal.Conviction
	if deal.State != pdx.DealFraud && c == nil {
		return
	}
	p.Refund = deal.Refund()
	if c != nil && deal.State == pdx.DealFraud && p.Evidence == nil { // another machine of this account complained
		p.Evidence = &model.Evidence{Fault: model.FaultBox}
		if c.Kind == pdx.ComplaintSegment {
			p.Evidence = &model.Evidence{Fault: model.FaultSegment, Segment: c.Segment}
		}
	}
}

// endReason says what became of the money of a deal that ended badly.
func endReason(p *model.Pull, state model.PullState) string {
	if state == model.PullUnacked && p.Refund != 0 {
		return fmt.Sprintf("none of the validators that promised the ciphertext could show it; the price is the pool's again,"+
			" and %s of fee and compensation were credited to you", p.Refund.MED())
	}
	if state != model.PullFraud || p.Evidence == nil {
		return ""
	}
	return fmt.Sprintf("%s; the chain convicted it and credited %s to you:"+
		" the price, the seller's deposit and a compensation", p.Evidence, p.Refund.MED())
}

var (
	// ErrUnsettled: an earlier attempt to create the pool may still be taken by
	// the chain; the same request succeeds later.
	ErrUnsettled = fmt.Errorf("%w: an earlier transaction for this pool may still be under way", pdx.ErrUnavailable)
	// ErrNoKey: the pool's key is not on this machine (or was destroyed with the
	// pool's end), so its datasets cannot be decrypted here.
	ErrNoKey = fmt.Errorf("%w: the pool's key is not in this home: it was lost, or destroyed when the pool had ended;"+
		" nothing is acknowledged without it; "+lostAdvice, pdx.ErrInvalid)
	errLost = fmt.Errorf("%w: this disk lost the ciphertext; it is pulled again", pdx.ErrUnavailable)
)
