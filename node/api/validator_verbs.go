package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// UpdateValidator publishes this node's current addresses, and its name, on chain.
func (s *Service) UpdateValidator(ctx context.Context, r *nodepb.UpdateValidatorRequest) (*nodepb.UpdateValidatorResponse, error) {
	v, err := s.changed(ctx, func(v pdx.Validator) error {
		v.Moniker = cmp.Or(r.Moniker, v.Moniker)
		v.PeerID, v.Addresses = s.node.Contact()
		var err error
		if v.RecipientKey, err = s.node.RecipientKey(ctx); err != nil {
			return err
		}
		return s.validators.UpdateValidator(ctx, v)
	})
	return &nodepb.UpdateValidatorResponse{Validator: v}, err
}

// AddBond raises this validator's bond.
func (s *Service) AddBond(ctx context.Context, r *nodepb.AddBondRequest) (*nodepb.AddBondResponse, error) {
	amount, err := ToAmount(r.Amount)
	if err != nil {
		return nil, fmt.Errorf("amount: %w", err)
	}
	v, err := s.changed(ctx, func(v pdx.Validator) error {
		if err := stays(v); err != nil {
			return err
		}
		return s.validators.AddBond(ctx, amount)
	})
	return &nodepb.AddBondResponse{Validator: v}, err
}

// SetCommission changes this validator's commission for future deals.
func (s *Service) SetCommission(ctx context.Context, r *nodepb.SetCommissionRequest) (*nodepb.SetCommissionResponse, error) {
	v, err := s.changed(ctx, func(v pdx.Validator) error {
		switch {
		case stays(v) != nil:
			return stays(v)
		case r.CommissionBp > v.MaxCommission:
			return fmt.Errorf("commission of %s: %w: this validator registered a maximum of %d",
				message.Count(r.CommissionBp, "basis point"), pdx.ErrInvalid, v.MaxCommission)
		}
		return s.validators.SetCommission(ctx, r.CommissionBp)
	})
	return &nodepb.SetCommissionResponse{Validator: v}, err
}

// SetConditions replaces the conditions under which new pools may name this validator.
func (s *Service) SetConditions(ctx context.Context, r *nodepb.SetConditionsRequest) (*nodepb.SetConditionsResponse, error) {
	income, err := ToAmount(r.GetConditions().GetMinIncome())
	if err != nil {
		return nil, fmt.Errorf("least income: %w", err)
	}
	c := pdx.Conditions{
		MinIncome: income, MaxDataset: r.GetConditions().GetMaxDatasetBytes(), MaxTerms: r.GetConditions().GetMaxTermsBytes(),
		Buyers: toAddresses(r.GetConditions().GetBuyers()), MediaTypes: r.GetConditions().GetMediaTypes(),
	}
	v, err := s.changed(ctx, func(pdx.Validator) error { return s.validators.SetConditions(ctx, c) })
	return &nodepb.SetConditionsResponse{Validator: v}, err
}

// Unbond ends this account's service as a validator.
func (s *Service) Unbond(ctx context.Context, _ *nodepb.UnbondRequest) (*nodepb.UnbondResponse, error) {
	v, err := s.changed(ctx, func(v pdx.Validator) error {
		if err := stays(v); err != nil {
			return err
		}
		_, err := s.validators.Unbond(ctx)
		return err
	})
	return &nodepb.UnbondResponse{Validator: v}, err
}

// Unjail lets this validator certify again.
func (s *Service) Unjail(ctx context.Context, _ *nodepb.UnjailRequest) (*nodepb.UnjailResponse, error) {
	v, err := s.changed(ctx, func(v pdx.Validator) error {
		switch {
		case v.Status != pdx.ValidatorJailed:
			return fmt.Errorf("%w: this validator is %s, not jailed", pdx.ErrWrongState, v.Status)
		case time.Now().Before(v.JailedUntil):
			return fmt.Errorf("%w: this validator is jailed until %s; try again then", pdx.ErrWrongState,
				message.Time(v.JailedUntil))
		}
		err := s.validators.Unjail(ctx)
		if errors.Is(err, pdx.ErrInvalid) { // the one thing about it that can be: what is left of the bond
			return fmt.Errorf("%w; the bond is %s: raise it with `pdx validator add-bond`", err, v.Bond.MED())
		}
		return err
	})
	return &nodepb.UnjailResponse{Validator: v}, err
}

// changed does something to this account's validator and shows what it is then.
func (s *Service) changed(ctx context.Context, how func(pdx.Validator) error) (*nodepb.Validator, error) {
	v, err := s.validators.Validator(ctx, s.account)
	if errors.Is(err, pdx.ErrNotFound) {
		return nil, fmt.Errorf("%w: this account is not a validator: register it with `pdx validator register`", pdx.ErrNotFound)
	}
	if err == nil {
		err = how(v)
	}
	if err == nil {
		v, err = s.validators.Validator(ctx, s.account)
	}
	if err != nil {
		return nil, err
	}
	return fromValidator(v), nil
}

// stays is nil for a validator that has not left.
func stays(v pdx.Validator) error {
	switch v.Status {
	case pdx.ValidatorUnbonding:
		return fmt.Errorf("%w: this validator is unbonding; its bond comes back after %s", pdx.ErrWrongState,
			message.Time(v.UnbondingTime))
	case pdx.ValidatorUnbonded:
		return fmt.Errorf("%w: this validator is unbonded: register it again with `pdx validator register`", pdx.ErrWrongState)
	}
	return nil
}
