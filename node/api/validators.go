package api

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// Validators is what the API shows and does of validators on the chain.
type Validators interface {
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
	Validators(ctx context.Context) ([]pdx.Validator, error)
	RegisterValidator(ctx context.Context, v pdx.Validator) error
	UpdateValidator(ctx context.Context, v pdx.Validator) error
	AddBond(ctx context.Context, amount pdx.Amount) error
	SetCommission(ctx context.Context, basisPoints uint32) error
	SetConditions(ctx context.Context, c pdx.Conditions) error
	// Unbond returns when the bond is free at the earliest.
	Unbond(ctx context.Context) (free time.Time, err error)
	Unjail(ctx context.Context) error
}

// RegisterValidator bonds this node's account, to be found at this node.
func (s *Service) RegisterValidator(ctx context.Context, r *nodepb.RegisterValidatorRequest) (*nodepb.RegisterValidatorResponse, error) {
	bond, err := ToAmount(r.Bond)
	if err != nil {
		return nil, fmt.Errorf("bond: %w", err)
	}
	recipient, err := s.node.RecipientKey(ctx)
	if err != nil {
		return nil, err
	}
	peerID, addresses := s.node.Contact()
	err = s.validators.RegisterValidator(ctx, pdx.Validator{
		Moniker: r.Moniker, Bond: bond, Commission: r.CommissionBp, MaxCommission: r.MaxCommissionBp,
		MaxChange: r.MaxCommissionChangeBp, PeerID: peerID, Addresses: addresses, RecipientKey: recipient,
	})
	if err != nil {
		return nil, err
	}
	v, err := s.validators.Validator(ctx, s.account)
	return &nodepb.RegisterValidatorResponse{Validator: fromValidator(v)}, err
}

// ListValidators lists all registered validators.
func (s *Service) ListValidators(ctx context.Context, _ *nodepb.ListValidatorsRequest) (*nodepb.ListValidatorsResponse, error) {
	list, err := s.validators.Validators(ctx)
	if err != nil {
		return nil, err
	}
	res := &nodepb.ListValidatorsResponse{}
	for _, v := range list {
		res.Validators = append(res.Validators, fromValidator(v))
	}
	return res, nil
}

// GetValidator shows one validator, this node's own if none is named.
func (s *Service) GetValidator(ctx context.Context, r *nodepb.GetValidatorRequest) (*nodepb.GetValidatorResponse, error) {
	address := pdx.Address(r.Address)
	if address == "" {
		address = s.account
	}
	v, err := s.validators.Validator(ctx, address)
	if err != nil {
		return nil, err
	}
	view := fromValidator(v)
	view.Staked, view.Earned = FromAmount(v.Staked), FromAmount(v.Earned)
	return &nodepb.GetValidatorResponse{Validator: view}, nil
}

func fromValidator(v pdx.Validator) *nodepb.Validator {
	view := &nodepb.Validator{
		Address: string(v.Address), Moniker: v.Moniker, Bond: FromAmount(v.Bond), CommissionBp: v.Commission,
		MaxCommissionBp: v.MaxCommission, MaxCommissionChangeBp: v.MaxChange, PeerId: v.PeerID, Addresses: v.Addresses,
		Status: string(v.Status), MissedDuties: v.MissedDuties, Duties: v.Duties, ComparesRecords: v.RecipientKey != [32]byte{},
	}
	if c := v.Conditions; c != nil {
		view.Conditions = &nodepb.Conditions{
			MinIncome: FromAmount(c.MinIncome), MaxDatasetBytes: c.MaxDataset, MaxTermsBytes: c.MaxTerms, MediaTypes: c.MediaTypes,
		}
		for _, b := range c.Buyers {
			view.Conditions.Buyers = append(view.Conditions.Buyers, string(b))
		}
	}
	switch v.Status {
	case pdx.ValidatorJailed:
		view.JailedUntil = timestamppb.New(v.JailedUntil)
	case pdx.ValidatorUnbonding:
		view.UnbondingTime = timestamppb.New(v.UnbondingTime)
	}
	return view
}
