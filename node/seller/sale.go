package seller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/node/model"
)

func termsOf(p pdx.Pool) model.Terms {
	return model.Terms{
		Buyer: p.Buyer, Key: p.Key, Price: p.Price, Criteria: p.Criteria, Required: p.Certificates, TermsHash: attest.TermsHash(p.Terms),
	}
}

// highest is the sum of the k highest commissions, in basis points.
func highest(commissions []uint32, k uint32) (sum uint32) {
	slices.Sort(commissions)
	for _, bp := range commissions[max(0, len(commissions)-int(k)):] {
		sum += bp
	}
	return sum
}

// live reports whether a sale still uses its data.
func live(s model.Sale) bool { return !s.State.Ended() }

// disclosureOf is what a sale keeps of each record.
func disclosureOf(s model.Sale) criteria.Disclosure {
	return criteria.Disclosure{Version: s.CriteriaVersion, Fields: s.Fields, Resources: s.Resources, Skip: s.Left}
}

// same reports whether an order would sell the same again.
func same(s, o model.Sale) bool {
	return s.Pool == o.Pool && s.Data == o.Data && slices.Equal(s.Fields, o.Fields)
}

// checkBy is a sale's entry for a validator, made if there is none.
func checkBy(s *model.Sale, validator pdx.Address) *model.Check {
	i := slices.IndexFunc(s.Checks, func(c model.Check) bool { return c.Validator == validator })
	if i < 0 {
		s.Checks = append(s.Checks, model.Check{Validator: validator})
		i = len(s.Checks) - 1
	}
	return &s.Checks[i]
}

// mergeCheck updates a sale's entry for a validator. A verdict is not taken back, but
// its reasons may arrive before or after the chain shows it.
func mergeCheck(s *model.Sale, check model.Check) {
	entry := checkBy(s, check.Validator)
	if len(check.Findings) == 0 && check.Accepted == entry.Accepted {
		check.Findings, check.Total = entry.Findings, entry.Total
	}
	switch {
	case entry.Stage != pdx.StageDone || check.Stage == pdx.StageDone && len(entry.Findings) == 0:
		*entry = check
	case check.Stage == pdx.StageCertifying && check.Accepted == entry.Accepted: // the chain was faster
		entry.Findings, entry.Total = check.Findings, check.Total
	}
}

// settle is what is left to do after the end, when no dispute can follow: the ciphertext
// and the disclosed records are let go. What was paid is credited on chain, and the node
// withdraws it.
func (s *Service) settle(ctx context.Context, sale model.Sale) (time.Duration, error) {
	if err := s.letGo(ctx, sale); err != nil {
		return 0, err
	}
	sale, err := s.letGoOfRecords(sale)
	if err != nil {
		return 0, err
	}
	records := sale.Disclosed
	return 0, s.change(ctx, sale.ID, func(sale *model.Sale) {
		sale.Settled, sale.Reason, sale.Disclosed = true, endReason(*sale), records
	})
}

// letGo deletes the ciphertext, if there is one.
func (s *Service) letGo(ctx context.Context, sale model.Sale) error {
	s.sealed.discard(sale.ID)
	if sale.Dataset == nil {
		return nil
	}
	if err := s.blobs.Delete(ctx, sale.Dataset.Root); err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return fmt.Errorf("delete ciphertext: %w", err)
	}
	return nil
}

// endReason is a sentence on why a sale ended, empty when it was paid.
func endReason(s model.Sale) string {
	switch s.State {
	case model.SaleFinal:
		return ""
	case model.SaleLapsed:
		if s.Withdrawn {
			return "its offer was withdrawn; the deposit came back"
		}
		return lapseReason(s.Checks)
	case model.SaleUnacked:
		return "the buyer did not acknowledge in time; the deposit came back"
	case model.SaleUndelivered:
		return "the key was not delivered in time; the deposit is lost"
	case model.SaleFraud:
		return "the buyer proved on chain that the dataset does not open with the delivered key; the price went back to it, with the deposit"
	}
	return s.Reason
}

func lapseReason(checks []model.Check) string {
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
