package simulation

import (
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// page looks at a list from one of its ends.
func (s scene) page() *query.PageRequest {
	return &query.PageRequest{Limit: 30, Reverse: s.oneIn(2)}
}

// deal returns a random one in a state; nil if there is none.
func (m Module) deal(s scene, state types.DealState) *types.Deal {
	resp, err := m.queries.Deals(s.ctx, &types.QueryDealsRequest{State: state, Pagination: s.page()})
	check("deals", err)
	return pick(s, resp.Deals)
}

// dealWhere returns a random one in a state, of those that match if there are any.
func (m Module) dealWhere(s scene, state types.DealState, match func(types.Deal) bool) *types.Deal {
	resp, err := m.queries.Deals(s.ctx, &types.QueryDealsRequest{State: state, Pagination: s.page()})
	check("deals", err)
	var matching []types.Deal
	for _, d := range resp.Deals {
		if match(d) {
			matching = append(matching, d)
		}
	}
	if len(matching) == 0 {
		matching = resp.Deals
	}
	return pick(s, matching)
}

// overdue reports whether a deal's deadline has passed.
func (s scene) overdue(d types.Deal) bool {
	return s.ctx.BlockHeight() > d.DeadlineHeight && s.ctx.BlockTime().After(d.DeadlineTime)
}

// pool returns a random open one; nil if there is none.
func (m Module) pool(s scene) *types.Pool {
	resp, err := m.queries.Pools(s.ctx, &types.QueryPoolsRequest{Status: types.POOL_STATUS_OPEN, Pagination: s.page()})
	check("pools", err)
	return pick(s, resp.Pools)
}

// validators returns some of the registered ones, in random order.
func (m Module) validators(s scene) []types.Validator {
	resp, err := m.queries.Validators(s.ctx, &types.QueryValidatorsRequest{Pagination: s.page()})
	check("validators", err)
	list := resp.Validators
	s.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// validator returns a random one in a status; nil if there is none.
func (m Module) validator(s scene, status types.ValidatorStatus) *types.Validator {
	for _, v := range m.validators(s) {
		if v.Status == status {
			return &v
		}
	}
	return nil
}

func (m Module) isBonded(s scene, address string) bool {
	resp, err := m.queries.Validator(s.ctx, &types.QueryValidatorRequest{Address: address})
	return err == nil && resp.Validator.Status == types.VALIDATOR_STATUS_BONDED
}

func (m Module) params(s scene) types.Params {
	resp, err := m.queries.Params(s.ctx, &types.QueryParamsRequest{})
	check("params", err)
	return resp.Params
}

func pick[T any](s scene, list []T) *T {
	if len(list) == 0 {
		return nil
	}
	return &list[s.Intn(len(list))]
}
