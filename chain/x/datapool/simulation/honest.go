package simulation

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// The first accounts are honest validators: they give a true verdict on every dataset for
// which they are drawn and answer every challenge, in the next block. The accounts after them
// never give a verdict. All other validators say what comes to their mind.
const (
	honestValidators = 3
	lazyValidators   = 1
	// plannedBlocks is how many blocks honest validators work, from the first operation on.
	plannedBlocks = 2_000
)

// errJailed: the rules punish who keeps them.
var errJailed = errors.New("an honest validator is jailed")

func (s scene) isHonest(address string) bool { return s.isAmong(address, 0, honestValidators) }

func (s scene) isLazy(address string) bool {
	return s.isAmong(address, honestValidators, honestValidators+lazyValidators)
}

func (s scene) isAmong(address string, from, to int) bool {
	some := s.accounts[min(from, len(s.accounts)):min(to, len(s.accounts))]
	return slices.ContainsFunc(some, func(a simtypes.Account) bool { return a.Address.String() == address })
}

// plan has the honest validators work in each block to come, empty ones too. It does so once.
func (m Module) plan(ctx sdk.Context) (list []simtypes.FutureOperation) {
	if *m.planned {
		return nil
	}
	*m.planned = true
	for i := range plannedBlocks {
		list = append(list, simtypes.FutureOperation{BlockHeight: int(ctx.BlockHeight()) + 1 + i, Op: m.work})
	}
	return list
}

// work has each honest validator do its duties.
func (m Module) work(
	r *rand.Rand, app *baseapp.BaseApp, ctx sdk.Context, accounts []simtypes.Account, chainID string,
) (simtypes.OperationMsg, []simtypes.FutureOperation, error) {
	s := scene{Rand: r, ctx: ctx, accounts: accounts, chainID: chainID}
	done := simtypes.NoOpMsg(types.ModuleName, "honest", "did its duties")
	for _, account := range accounts[:min(honestValidators, len(accounts))] {
		for _, msg := range m.owed(s, account.Address.String()) {
			if err := m.run(r, app, ctx, chainID, account, msg); err != nil {
				if _, err = m.refused("honest", err); err != nil {
					return done, nil, err
				}
				continue
			}
			m.counts[sdk.MsgTypeURL(msg)]++
		}
	}
	err := m.honestAreFree(ctx, accounts)
	if err != nil {
		m.refusals[err.Error()]++
	}
	return done, nil, err
}

// owed are the verdicts and answers that a validator owes.
func (m Module) owed(s scene, validator string) (list []sdk.Msg) {
	for _, deal := range m.duties(s, validator) {
		list = append(list, m.trueVerdict(s, deal, validator))
	}
	resp, err := m.queries.Deals(s.ctx, &types.QueryDealsRequest{
		Validator: validator, Challenged: true, Pagination: &query.PageRequest{Limit: types.MaxPageLimit},
	})
	check("challenges", err)
	for _, deal := range resp.Deals {
		list = append(list, m.trueAnswer(deal, validator))
	}
	return list
}

// duties are the deals for which a validator was drawn and that take its verdict, and now and
// then one that it may certify without a draw.
func (m Module) duties(s scene, validator string) (list []types.Deal) {
	resp, err := m.queries.Deals(s.ctx, &types.QueryDealsRequest{
		Validator: validator, Pagination: &query.PageRequest{Limit: types.MaxPageLimit},
	})
	check("duties", err)
	for _, deal := range resp.Deals {
		answered := !deal.State.TakesVerdicts() ||
			slices.ContainsFunc(deal.Certificates, func(c types.Certificate) bool { return c.Validator == validator })
		if !answered && (deal.Draw != nil || s.oneIn(4)) { // who waits for a draw is not listed
			list = append(list, deal)
		}
	}
	return list
}

// trueVerdict accepts what opens and rejects all else.
func (m Module) trueVerdict(s scene, deal types.Deal, validator string) *types.MsgCertify {
	msg := &types.MsgCertify{
		Validator: validator, DealId: deal.Id, FactsHash: m.trueFacts(s, deal), Verdict: types.VERDICT_ACCEPT, ReportHash: deal.Dataset.Root,
		Available: true, ExpiryHeight: deal.DeadlineHeight + 1_000_000,
	}
	if m.secrets.datasets[pdx.Element(deal.Dataset.DatasetKey)].spoiled {
		msg.Verdict, msg.Reason = types.VERDICT_REJECT, types.REJECT_REASON_OPENING
	} else if deal.RefusesDuplicates() {
		setTag(msg, deal.Dataset.Root) // all datasets are of different records
	}
	return msg
}

// honestAreFree fails if an honest validator was ever jailed.
func (m Module) honestAreFree(ctx sdk.Context, accounts []simtypes.Account) error {
	for _, account := range accounts[:min(honestValidators, len(accounts))] {
		resp, err := m.queries.Validator(ctx, &types.QueryValidatorRequest{Address: account.Address.String()})
		if err != nil {
			continue // it is not registered
		}
		if v := resp.Validator; !v.JailedUntil.IsZero() || v.Duties.MissedCount() > 0 {
			return fmt.Errorf("%w: %s until %v, missed %d", errJailed, v.Address, v.JailedUntil, v.Duties.MissedCount())
		}
	}
	return nil
}
