package keeper

import (
	"context"
	"slices"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Offer opens a deal. It is the seller's consent to the pool's terms and to the
// fields that it discloses, and stores a snapshot of all that the deal will need.
func (s msgServer) Offer(c context.Context, msg *types.MsgOffer) (*types.MsgOfferResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	seller, err := s.account(msg.Seller)
	if err != nil {
		return nil, err
	}
	params, err := s.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	pool, err := s.poolForOffer(ctx, msg, params)
	if err != nil {
		return nil, err
	}
	deal, err := s.newDeal(ctx, msg, pool, params)
	if err != nil {
		return nil, err
	}
	if err := verifyPossession(ctx, msg); err != nil {
		return nil, err
	}
	if err := s.moveIn(ctx, seller, deal.Denom, deal.Deposit); err != nil {
		return nil, err
	}
	if err := s.setFields(ctx, deal.Id, msg.DisclosedFields); err != nil {
		return nil, err
	}
	if err := s.dealsBy.add(ctx, deal); err != nil {
		return nil, err
	}
	wait := deal.Deadlines.Certify
	if deal.Draw != nil {
		wait, err = params.DrawWait, s.awaitDraw(ctx, deal)
	} else {
		err = s.list(ctx, deal)
	}
	if err != nil {
		return nil, err
	}
	return &types.MsgOfferResponse{DealId: deal.Id}, s.enter(ctx, &deal, types.DEAL_STATE_OFFERED, wait)
}

// poolForOffer returns the pool if it accepts this offer.
func (s msgServer) poolForOffer(ctx sdk.Context, msg *types.MsgOffer, params types.Params) (types.Pool, error) {
	pool, err := s.pool(ctx, msg.PoolId)
	if err != nil {
		return pool, err
	}
	if err := takesOffers(ctx, pool); err != nil {
		return pool, err
	}
	// A buyer that sells to itself could only want to fake a reputation.
	if msg.Seller == pool.Buyer {
		return pool, types.ErrSelfDeal
	}
	if err := checkPoolBounds(pool, msg); err != nil {
		return pool, err
	}
	if err := s.checkOffers(ctx, pool, msg.Seller, params); err != nil {
		return pool, err
	}
	return pool, checkAgreements(pool.Terms, msg.Agreements)
}

// checkAgreements checks that each term is answered at most once, and every required one
// with yes.
func checkAgreements(terms []types.Term, agreements []types.Agreement) error {
	answers := make(map[uint32]bool, len(agreements))
	for _, a := range agreements {
		known := slices.ContainsFunc(terms, func(t types.Term) bool { return t.Id == a.TermId })
		if _, again := answers[a.TermId]; again || !known {
			return errorsmod.Wrapf(types.ErrAgreements, "term %d", a.TermId)
		}
		answers[a.TermId] = a.Agreed
	}
	for _, t := range terms {
		if t.Required && !answers[t.Id] {
			return errorsmod.Wrapf(types.ErrTermNotAgreed, "term %d", t.Id)
		}
	}
	return nil
}

// newDeal numbers the deal and enters its root in the pool.
func (s msgServer) newDeal(ctx sdk.Context, msg *types.MsgOffer, pool types.Pool, params types.Params) (types.Deal, error) {
	accepted, err := acceptedFor(msg, pool)
	if err != nil {
		return types.Deal{}, err
	}
	validators, err := s.acceptedValidators(ctx, accepted, pool)
	if err != nil {
		return types.Deal{}, err
	}
	deposit := params.Deposit(msg.DisclosedFields, pool.DrawCount, len(validators), pool.VerdictReward)
	if err := checkCharges(msg, pool.Denom, deposit, validators, pool.RequiredCertificates); err != nil {
		return types.Deal{}, err
	}
	id, err := takeNumber(ctx, s.nextDeal)
	if err != nil {
		return types.Deal{}, err
	}
	deal := types.Deal{
		Id:                   id,
		PoolId:               pool.Id,
		Seller:               msg.Seller,
		Buyer:                pool.Buyer,
		Dataset:              msg.Dataset,
		BuyerKey:             pool.BuyerKey,
		Price:                pool.Price,
		Denom:                pool.Denom,
		CriteriaCid:          pool.CriteriaCid,
		RequiredCertificates: pool.RequiredCertificates,
		AckMode:              pool.AckMode,
		Deadlines:            params.Stretch(pool.Deadlines, msg.Dataset.Size_),
		BlockTime:            params.BlockTime,
		Validators:           validators,
		Agreements:           msg.Agreements,
		FieldsHash:           types.HashFields(msg.DisclosedFields),
		TermsHash:            pool.TermsHash,
		Deposit:              deposit,
		VerdictReward:        pool.VerdictReward,
		TagCommitment:        pool.TagCommitment,
		MaxOverlapPpm:        pool.MaxOverlapPpm,
		VerdictCost:          pool.VerdictCost,
		OfferCost:            pool.OfferCost,
		Stake:                params.NewStake(pool.Price, pool.RequiredCertificates, msg.Dataset.Size_),
		ChallengeTerms:       params.NewChallengeTerms(pool.AckMode),
	}
	if pool.DrawCount > 0 {
		deal.Draw, deal.Validators = &types.Draw{Count: pool.DrawCount, Candidates: validators}, nil
	}
	return deal, s.holdRoot(ctx, deal)
}

// acceptedFor returns the validators that a seller accepts with its offer: those that it
// names or, in a pool that draws, all but itself.
func acceptedFor(msg *types.MsgOffer, pool types.Pool) ([]string, error) {
	if pool.DrawCount == 0 {
		return msg.Validators, nil
	}
	if len(msg.Validators) != 0 {
		return nil, errorsmod.Wrapf(types.ErrDrawAccepts, "%d named", len(msg.Validators))
	}
	return pool.DrawCandidates(msg.Seller), nil
}

// acceptedValidators snapshots the commissions of those whom the seller lets
// certify. Whichever k of them accept, their commissions stay within the price.
func (s msgServer) acceptedValidators(ctx sdk.Context, accepted []string, pool types.Pool) ([]types.AcceptedValidator, error) {
	// A seller that is itself a validator of the pool can leave too few to draw from.
	if least := max(pool.RequiredCertificates, pool.DrawCount); len(accepted) < int(least) {
		return nil, errorsmod.Wrapf(types.ErrOfferValidators, "%d accepted, the pool requires %d", len(accepted), least)
	}
	var validators []types.AcceptedValidator
	for _, a := range accepted {
		if !slices.Contains(pool.Validators, a) {
			return nil, errorsmod.Wrapf(types.ErrOfferValidators, "%s is not a validator of the pool", a)
		}
		v, err := s.validator(ctx, a)
		if err != nil {
			return nil, err
		}
		validators = append(validators, types.AcceptedValidator{Address: a, CommissionBp: v.CommissionBp})
	}
	return validators, types.CheckCommissions(validators, pool.RequiredCertificates)
}
