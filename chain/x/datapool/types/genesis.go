package types

import (
	"bytes"
	"slices"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// DefaultGenesis returns the state of an unused module.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), NextPoolId: 1, NextDealId: 1}
}

// Validate refuses a state that the module cannot reach. Every exported state passes, so the
// invariants use it too.
func (g GenesisState) Validate() error {
	for _, check := range []func() error{
		g.Params.Validate, g.checkValidators, g.checkConditions, g.checkPools, g.checkDeals, g.checkCounts, g.checkBalances,
		g.checkDrawBlocks,
		g.checkStakes, g.checkBondNotice, g.checkTagKeys, g.checkEarned,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// Owed returns the least amount that the module's account must hold: the escrows of the
// pools, prices reserved and held, deposits, bonds, and what is withdrawable.
func (g GenesisState) Owed() math.Int {
	owed := math.ZeroInt()
	for _, v := range g.Validators {
		owed = owed.Add(v.Bond)
	}
	offered := map[uint64]uint64{}
	for _, d := range g.Deals {
		owed = owed.Add(d.Holds())
		if d.State == DEAL_STATE_OFFERED {
			offered[d.PoolId]++
		}
	}
	for _, p := range g.Pools {
		owed = owed.Add(p.Holds(offered[p.Id]))
	}
	for _, b := range g.Balances {
		owed = owed.Add(b.Amount)
	}
	return owed
}

func (g GenesisState) checkValidators() error {
	seen := map[string]struct{}{}
	for _, v := range g.Validators {
		if _, again := seen[v.Address]; again {
			return errorsmod.Wrapf(ErrGenesis, "validator %s stands there twice", v.Address)
		}
		seen[v.Address] = struct{}{}
		if err := v.Validate(); err != nil {
			return errorsmod.Wrapf(err, "validator %s", v.Address)
		}
	}
	return nil
}

func (g GenesisState) checkBalances() error { return checkAmounts("balance", g.Balances) }

// checkAmounts checks that each account has one positive amount.
func checkAmounts(what string, list []Balance) error {
	seen := map[string]struct{}{}
	for _, b := range list {
		if _, again := seen[b.Address]; again {
			return errorsmod.Wrapf(ErrGenesis, "%s of %s stands there twice", what, b.Address)
		}
		seen[b.Address] = struct{}{}
		if b.Amount.IsNil() || !b.Amount.IsPositive() {
			return errorsmod.Wrapf(ErrGenesis, "%s of %s is not positive", what, b.Address)
		}
	}
	return nil
}

// checkEarned checks that only validators earned something.
func (g GenesisState) checkEarned() error {
	if err := checkAmounts("income", g.Earned); err != nil {
		return err
	}
	for _, e := range g.Earned {
		if !slices.ContainsFunc(g.Validators, func(v Validator) bool { return v.Address == e.Address }) {
			return errorsmod.Wrapf(ErrGenesis, "income of %s, which is no validator", e.Address)
		}
	}
	return nil
}

func (g GenesisState) checkPools() error {
	seen, keys := map[uint64]struct{}{}, map[string]struct{}{}
	for _, p := range g.Pools {
		if _, again := keys[string(p.BuyerKey)]; again {
			return errorsmod.Wrapf(ErrGenesis, "pool %d has the buyer key of another", p.Id)
		}
		keys[string(p.BuyerKey)] = struct{}{}
		if _, again := seen[p.Id]; again || p.Id == 0 || p.Id >= g.NextPoolId {
			return errorsmod.Wrapf(ErrGenesis, "pool number %d is repeated or not from 1 to below %d", p.Id, g.NextPoolId)
		}
		seen[p.Id] = struct{}{}
		if p.Denom != g.Params.Denom {
			return errorsmod.Wrapf(ErrDenom, "pool %d is in %q", p.Id, p.Denom)
		}
		if err := p.Validate(); err != nil {
			return errorsmod.Wrapf(err, "pool %d", p.Id)
		}
	}
	if g.NextPoolId == 0 || g.NextDealId == 0 {
		return errorsmod.Wrap(ErrGenesis, "numbers begin at 1")
	}
	return nil
}

// claimKey is a root or a tag within a pool.
type claimKey struct {
	pool uint64
	kind string
	key  string
}

// checkDeals refuses deals without their pool, and two deals of a pool with the same
// ciphertext or the same duplicate tag.
func (g GenesisState) checkDeals() error {
	pools := make(map[uint64]Pool, len(g.Pools))
	for _, p := range g.Pools {
		pools[p.Id] = p
	}
	seen, claims := map[uint64]struct{}{}, map[claimKey]struct{}{}
	for _, d := range g.Deals {
		if _, again := seen[d.Id]; again || d.Id == 0 || d.Id >= g.NextDealId {
			return errorsmod.Wrapf(ErrGenesis, "deal number %d is repeated or not from 1 to below %d", d.Id, g.NextDealId)
		}
		seen[d.Id] = struct{}{}
		if err := d.checkPool(pools[d.PoolId]); err != nil {
			return err
		}
		if err := d.Validate(); err != nil {
			return errorsmod.Wrapf(err, "deal %d", d.Id)
		}
		if err := d.checkClaims(claims); err != nil {
			return err
		}
	}
	return nil
}

func (d Deal) checkPool(p Pool) error {
	if p.Id == 0 {
		return errorsmod.Wrapf(ErrGenesis, "deal %d has no pool %d", d.Id, d.PoolId)
	}
	if d.Buyer != p.Buyer || d.Denom != p.Denom || d.Price.IsNil() || !d.Price.Equal(p.Price) {
		return errorsmod.Wrapf(ErrGenesis, "deal %d has another buyer or price than its pool", d.Id)
	}
	if !bytes.Equal(d.BuyerKey, p.BuyerKey) || !bytes.Equal(d.CriteriaCid, p.CriteriaCid) ||
		d.RequiredCertificates != p.RequiredCertificates || d.AckMode != p.AckMode || d.VerdictReward != p.VerdictReward ||
		d.VerdictCost != p.VerdictCost || d.OfferCost != p.OfferCost ||
		!bytes.Equal(d.TermsHash, p.TermsHash) || d.Dataset.Size_ > p.MaxDatasetSize || !d.sameDuplicates(p) {
		return errorsmod.Wrapf(ErrGenesis, "deal %d has other terms than its pool", d.Id)
	}
	if err := d.checkCandidates(p); err != nil {
		return err
	}
	for _, v := range d.Validators {
		if !slices.Contains(p.Validators, v.Address) {
			return errorsmod.Wrapf(ErrGenesis, "deal %d has the validator %s, which is not its pool's", d.Id, v.Address)
		}
	}
	return nil
}

// checkCandidates compares a deal's draw with its pool's.
func (d Deal) checkCandidates(p Pool) error {
	var count uint32
	var candidates []string
	if d.Draw != nil {
		count = d.Draw.Count
		for _, c := range d.Draw.Candidates {
			candidates = append(candidates, c.Address)
		}
	}
	if count != p.DrawCount || count != 0 && !slices.Equal(candidates, p.DrawCandidates(d.Seller)) {
		return errorsmod.Wrapf(ErrGenesis, "deal %d draws %d of %v, its pool draws %d of %v", d.Id, count, candidates, p.DrawCount, p.Validators)
	}
	return nil
}

func (d Deal) checkClaims(claims map[claimKey]struct{}) error {
	var keys []claimKey
	if d.HoldsRoot() {
		keys = append(keys, claimKey{d.PoolId, "root", string(d.Dataset.RootKey())})
	}
	if tag := d.Tag(); tag != nil {
		keys = append(keys, claimKey{d.PoolId, "tag", string(tag)})
	}
	for _, key := range keys {
		if _, taken := claims[key]; taken {
			return errorsmod.Wrapf(ErrGenesis, "deal %d claims a %s of another deal", d.Id, key.kind)
		}
		claims[key] = struct{}{}
	}
	return nil
}

// checkCounts checks each pool's counts and escrow against its deals.
func (g GenesisState) checkCounts() error {
	reserved, delivered, unacked := map[uint64]uint64{}, map[uint64]uint64{}, map[uint64]math.Int{}
	for _, d := range g.Deals {
		if d.State == DEAL_STATE_UNACKED {
			unacked[d.PoolId] = d.UnackedCost().Add(orZero(unacked[d.PoolId]))
		}
		if d.State.Reserves() {
			reserved[d.PoolId]++
		}
		if d.State.Delivers() {
			delivered[d.PoolId]++
		}
	}
	for _, p := range g.Pools {
		if p.ReservedCount != reserved[p.Id] || p.DeliveredCount != delivered[p.Id] {
			return errorsmod.Wrapf(ErrGenesis, "pool %d counts %d reserved and %d delivered, its deals are %d and %d",
				p.Id, p.ReservedCount, p.DeliveredCount, reserved[p.Id], delivered[p.Id])
		}
		if want := orZero(unacked[p.Id]); !p.AckCosts.Equal(want) {
			return errorsmod.Wrapf(ErrGenesis, "pool %d has costs of %s without acks, its deals give %s", p.Id, p.AckCosts, want)
		}
	}
	return nil
}

func orZero(amount math.Int) math.Int {
	if amount.IsNil() {
		return math.ZeroInt()
	}
	return amount
}

// checkStakes checks that each bond covers the stakes of its validator in deals that have
// not ended.
func (g GenesisState) checkStakes() error {
	bonds := make(map[string]math.Int, len(g.Validators))
	for _, v := range g.Validators {
		bonds[v.Address] = v.Bond
	}
	for _, d := range g.Deals {
		if d.State.Ended() {
			continue
		}
		for _, c := range d.Accepted() {
			left, registered := bonds[c.Validator]
			if !registered || left.LT(math.NewIntFromUint64(d.Stake.Amount)) {
				return errorsmod.Wrapf(ErrStake, "%s in deal %d", c.Validator, d.Id)
			}
			bonds[c.Validator] = left.Sub(math.NewIntFromUint64(d.Stake.Amount))
		}
	}
	return nil
}

// checkBondNotice checks that a notice is about a raise.
func (g GenesisState) checkBondNotice() error {
	n := g.BondNotice
	if n == nil {
		return nil
	}
	if n.Former.IsNil() || !n.Former.IsPositive() || n.Former.GTE(g.Params.MinBond) || n.Time.IsZero() {
		return errorsmod.Wrap(ErrGenesis, "the notice of a raised bond is about no raise")
	}
	return nil
}
