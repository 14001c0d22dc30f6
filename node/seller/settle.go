package seller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
)

// settle is what is left to do after the end: the ciphertext is let go. What was
// paid is credited on chain, and the node withdraws it.
func (s *Service) settle(ctx context.Context, sale Sale) (time.Duration, error) {
	if err := s.letGo(ctx, sale); err != nil {
		return 0, err
	}
	return 0, s.change(ctx, sale.ID, func(sale *Sale) {
		sale.Settled, sale.Reason = true, endReason(sale.State, sale.Reason, sale.Checks)
	})
}

// letGo deletes the ciphertext, if there is one.
func (s *Service) letGo(ctx context.Context, sale Sale) error {
	if sale.Dataset == nil {
		return nil
	}
	if err := s.blobs.Delete(ctx, sale.Dataset.Root); err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return fmt.Errorf("delete ciphertext: %w", err)
	}
	return nil
}

// endReason is a sentence on why a sale ended, empty when it was paid.
func endReason(state State, reason string, checks []Check) string {
	switch state {
	case Final:
		return ""
	case Lapsed:
		return lapseReason(checks)
	case Unacked:
		return "the buyer did not acknowledge in time; the deposit came back"
	case Undelivered:
		return "the key was not delivered in time; the deposit is lost"
	case Fraud:
		return "the buyer proved on chain that the dataset does not open with the delivered key; the price went back to it, with the deposit"
	}
	return reason
}

func lapseReason(checks []Check) string {
	for _, c := range checks {
		if c.Stage == pdx.StageDone && !c.Accepted {
			return fmt.Sprintf("%s rejected it: %s", c.Validator, c.Message)
		}
	}
	return "too few validators certified it in time"
}

func verdictMessage(accepted bool, reason pdx.RejectReason) string {
	if accepted {
		return ""
	}
	return reason.String()
}
