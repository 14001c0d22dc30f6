package keeper_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// busyMarket has deals in every state, and pools in every status.
func busyMarket(t *testing.T) *datapooltest.Market {
	t.Helper()
	m := datapooltest.NewMarket(t, 1)
	m.DealIn(types.DEAL_STATE_DELIVERED) // filled
	m.Pool = m.OpenPool(3)
	m.DealIn(types.DEAL_STATE_FINAL)
	m.Must(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool})
	m.Pool = m.OpenPool(3, func(p *types.MsgCreatePool) { p.ExpiryTime = m.Head().Time.Add(2 * datapooltest.BlockTime) })
	pool := m.GetPool()
	require.NoError(t, m.Past(pool.ExpiryHeight+1, pool.ExpiryTime))
	open := m.OpenPool(9)
	m.Pool = open
	draws := m.OpenPool(9, func(p *types.MsgCreatePool) { p.DrawCount = 1 })
	for _, state := range slices.Backward(states) { // those that wait come last
		m.DealIn(state)
	}
	m.Pool = draws
	m.Offer()
	drawNow(t, m)
	m.Offer() // waits with the hash of its block, and the next without
	nextBlock(t, m)
	nextBlock(t, m)
	m.Offer()
	m.Pool = open
	tagged := m.NewAccept(m.Offer(), m.Validators[2])
	datapooltest.Tag(tagged, tag)
	m.Must(tagged)
	for _, v := range []string{"leaving", "left"} {
		m.Fund(datapooltest.Account(v), datapooltest.Wealth)
		m.Must(datapooltest.NewValidator(datapooltest.Account(v), 100))
	}
	m.Must(&types.MsgUnbond{Validator: string(datapooltest.Account("leaving"))})
	conditions := types.DefaultConditions()
	conditions.Buyers = []string{string(m.Buyer)}
	m.Must(&types.MsgSetConditions{Validator: string(m.Validators[0]), Conditions: conditions})
	have := map[types.DealState]bool{}
	for _, d := range m.Export().Deals {
		have[d.State] = true
	}
	require.Len(t, have, len(states))
	m.CheckInvariants()
	return m
}

func TestExportImportExport(t *testing.T) {
	m := busyMarket(t)
	before := m.Export()
	head := m.Head()
	again := datapooltest.New(datapooltest.Config{
		Genesis: before, ModuleHolding: m.Held(), Start: head.Time, Height: head.Height + 1, ChainID: head.ChainID,
	})
	require.NoError(t, again.Read(func(ctx sdk.Context, _ types.QueryServer) error {
		after, err := again.Keeper.ExportGenesis(ctx)
		require.NoError(t, err)
		require.Equal(t, before, after)
		return again.Keeper.CheckInvariants(ctx)
	}))

	// The rebuilt indexes work: what was claimed stays so, and what waited ends.
	waiting := before.Deals[len(before.Deals)-1]
	_, err := again.Exec(m.NewOffer(waiting.PoolId, m.Seller, m.Sealed[waiting.Id], m.Validators...))
	requireError(t, err, types.ErrRootSeen)
	again.Fund(m.Seller, datapooltest.Wealth)
	id := execOffer(t, again, m.NewOffer(waiting.PoolId, m.Seller, datapooltest.Seal(nil), m.Validators...))
	var offered types.Deal
	require.NoError(t, again.Read(func(ctx sdk.Context, q types.QueryServer) error {
		resp, err := q.Deal(ctx, &types.QueryDealRequest{DealId: id})
		offered = resp.Deal
		return err
	}))
	copied := again.NewAccept(offered, m.Validators[2])
	datapooltest.Tag(copied, tag)
	_, err = again.Exec(copied)
	requireError(t, err, types.ErrTagSeen)
	require.NoError(t, again.Past(head.Height+2000, head.Time))
	require.NoError(t, again.Read(func(ctx sdk.Context, _ types.QueryServer) error {
		after, err := again.Keeper.ExportGenesis(ctx)
		require.NoError(t, err)
		for _, d := range after.Deals {
			require.True(t, d.State.Ended(), "deal %d is %s", d.Id, d.State)
		}
		return again.Keeper.CheckInvariants(ctx)
	}))
}

func execOffer(t *testing.T, c *datapooltest.Chain, msg *types.MsgOffer) uint64 {
	t.Helper()
	resp, err := c.Exec(msg)
	require.NoError(t, err)
	return resp.(*types.MsgOfferResponse).DealId
}

func TestGenesisRefusals(t *testing.T) {
	m := busyMarket(t)
	deal := func(g *types.GenesisState, state types.DealState) *types.Deal {
		i := slices.IndexFunc(g.Deals, func(d types.Deal) bool { return d.State == state })
		return &g.Deals[i]
	}
	drawn := func(g *types.GenesisState, done bool) *types.Deal {
		i := slices.IndexFunc(g.Deals, func(d types.Deal) bool { return d.Draw != nil && (d.Draw.Height > 0) == done })
		return &g.Deals[i]
	}
	for name, row := range map[string]struct {
		change func(*types.GenesisState)
		want   *errorsmod.Error
	}{
		"parameters":    {func(g *types.GenesisState) { g.Params.BlockTime = 0 }, types.ErrParams},
		"repeated pool": {func(g *types.GenesisState) { g.Pools = append(g.Pools, g.Pools[0]) }, types.ErrGenesis},
		"next pool":     {func(g *types.GenesisState) { g.NextPoolId = 1 }, types.ErrGenesis},
		"repeated buyer key": {func(g *types.GenesisState) {
			again := g.Pools[0]
			again.Id, g.NextPoolId = g.NextPoolId, g.NextPoolId+1
			g.Pools = append(g.Pools, again)
		}, types.ErrGenesis},
		"repeated deal":         {func(g *types.GenesisState) { g.Deals = append(g.Deals, g.Deals[0]) }, types.ErrGenesis},
		"next deal":             {func(g *types.GenesisState) { g.NextDealId = 2 }, types.ErrGenesis},
		"deal without pool":     {func(g *types.GenesisState) { g.Deals[0].PoolId = 77 }, types.ErrGenesis},
		"deal of another buyer": {func(g *types.GenesisState) { g.Deals[0].Buyer = string(m.Seller) }, types.ErrGenesis},
		"pool denomination":     {func(g *types.GenesisState) { g.Pools[0].Denom = "uatom" }, types.ErrDenom},
		"closed and queued":     {func(g *types.GenesisState) { g.Pools[0].QueuedHeight = 99 }, types.ErrGenesis},
		"queued too early":      {func(g *types.GenesisState) { deal(g, types.DEAL_STATE_ACKED).QueuedHeight = 1 }, types.ErrGenesis},
		"queued for years":      {func(g *types.GenesisState) { deal(g, types.DEAL_STATE_ACKED).QueuedHeight = 1 << 60 }, types.ErrGenesis},
		"ended and queued":      {func(g *types.GenesisState) { deal(g, types.DEAL_STATE_FINAL).QueuedHeight = 99 }, types.ErrGenesis},
		"income of a stranger": {func(g *types.GenesisState) {
			g.Earned = []types.Balance{{Address: string(m.Seller), Amount: math.OneInt()}}
		}, types.ErrGenesis},
		"income of nothing": {func(g *types.GenesisState) { g.Earned[0].Amount = math.ZeroInt() }, types.ErrGenesis},
		"repeated income":   {func(g *types.GenesisState) { g.Earned = append(g.Earned, g.Earned[0]) }, types.ErrGenesis},
		"pool status":       {func(g *types.GenesisState) { g.Pools[0].Status = 0 }, types.ErrGenesis},
		"escrow":            {func(g *types.GenesisState) { g.Pools[0].Escrow = math.NewInt(1) }, types.ErrEscrow},
		"count":             {func(g *types.GenesisState) { g.Pools[0].DeliveredCount = 0 }, types.ErrGenesis},
		"repeated root": {func(g *types.GenesisState) {
			deal(g, types.DEAL_STATE_ACKED).Dataset = deal(g, types.DEAL_STATE_UNDELIVERED).Dataset
		}, types.ErrGenesis},
		"other terms than their hash":  {func(g *types.GenesisState) { g.Pools[0].Terms[0].Description = "For anything." }, types.ErrGenesis},
		"other terms than the pool's":  {func(g *types.GenesisState) { g.Deals[0].TermsHash = tag }, types.ErrGenesis},
		"other fields than their hash": {func(g *types.GenesisState) { g.Deals[0].DisclosedFields = []string{""} }, types.ErrGenesis},
		"no largest dataset":           {func(g *types.GenesisState) { g.Pools[0].MaxDatasetSize = 0 }, types.ErrMaxDatasetSize},
		"dataset larger than the pool": {func(g *types.GenesisState) { g.Pools[0].MaxDatasetSize = 1 }, types.ErrGenesis},
		"conditions out of bounds":     {func(g *types.GenesisState) { g.Conditions[0].Conditions.MaxDatasetSize = 0 }, types.ErrConditions},
		"conditions of a stranger":     {func(g *types.GenesisState) { g.Conditions[0].Validator = g.Pools[0].Buyer }, types.ErrGenesis},
		"conditions twice": {func(g *types.GenesisState) {
			g.Conditions = append(g.Conditions, g.Conditions[0])
		}, types.ErrGenesis},
		"conditions for half an address": {func(g *types.GenesisState) {
			g.Conditions[0].Conditions.Buyers = []string{"panacea1"}
		}, types.ErrAddress},
		"more accepts than required": {func(g *types.GenesisState) {
			d := deal(g, types.DEAL_STATE_OFFERED)
			for _, v := range d.Validators[:2] {
				d.Certificates = append(d.Certificates, types.Certificate{
					Validator: v.Address, CommissionBp: v.CommissionBp, Verdict: types.VERDICT_ACCEPT, ReportHash: tag, Available: true,
				})
			}
		}, types.ErrCertificateCount},
		"another share than the commission gives": {func(g *types.GenesisState) {
			d := deal(g, types.DEAL_STATE_DELIVERED)
			d.Shares[0].Amount, d.Shares[1].Amount = d.Shares[1].Amount, d.Shares[0].Amount
		}, types.ErrGenesis},
		"share of another account": {func(g *types.GenesisState) {
			deal(g, types.DEAL_STATE_DELIVERED).Shares[0].Address = "nobody"
		}, types.ErrGenesis},
		"another key than the pool's":        {func(g *types.GenesisState) { g.Deals[0].BuyerKey = tag }, types.ErrGenesis},
		"another ack mode than the pool's":   {func(g *types.GenesisState) { g.Deals[0].AckMode = types.ACK_MODE_QUORUM }, types.ErrGenesis},
		"another number of certificates":     {func(g *types.GenesisState) { g.Deals[0].RequiredCertificates++ }, types.ErrGenesis},
		"a validator that is not the pool's": {func(g *types.GenesisState) { g.Deals[0].Validators[0].Address = "nobody" }, types.ErrGenesis},
		"a candidate that is not the pool's": {func(g *types.GenesisState) {
			drawn(g, false).Draw.Candidates[0].Address = "nobody"
		}, types.ErrGenesis},
		"repeated validator": {func(g *types.GenesisState) {
			g.Validators = append(g.Validators, g.Validators[0])
		}, types.ErrGenesis},
		"validator status": {func(g *types.GenesisState) { g.Validators[0].Status = 0 }, types.ErrValidatorStatus},
		"unbonding without a time": {func(g *types.GenesisState) {
			g.Validators[0].Status = types.VALIDATOR_STATUS_UNBONDING
		}, types.ErrValidatorStatus},
		"unbonded with a bond": {func(g *types.GenesisState) {
			g.Validators[0].Status = types.VALIDATOR_STATUS_UNBONDED
		}, types.ErrValidatorStatus},
		"unknown validator status": {func(g *types.GenesisState) { g.Validators[0].Status = 9 }, types.ErrValidatorStatus},
		"repeated balance":         {func(g *types.GenesisState) { g.Balances = append(g.Balances, g.Balances[0]) }, types.ErrGenesis},
		"empty balance":            {func(g *types.GenesisState) { g.Balances[0].Amount = math.ZeroInt() }, types.ErrGenesis},
		"unpaid balance": {func(g *types.GenesisState) {
			g.Balances[0].Amount = g.Balances[0].Amount.AddRaw(1)
		}, types.ErrInsolvent},
		"upper-case balance": {func(g *types.GenesisState) { g.Balances[0].Address = "PANACEA1" }, types.ErrAddress},
		"shares": {func(g *types.GenesisState) {
			d := deal(g, types.DEAL_STATE_DELIVERED)
			d.Shares = d.Shares[1:]
		}, types.ErrGenesis},
		"no delivery": {func(g *types.GenesisState) { deal(g, types.DEAL_STATE_DELIVERED).Delivery = nil }, types.ErrDelivery},
		"conviction of an honest deal": {func(g *types.GenesisState) {
			deal(g, types.DEAL_STATE_FINAL).Conviction = &types.Conviction{}
		}, types.ErrGenesis},
		"fraud without conviction": {func(g *types.GenesisState) { deal(g, types.DEAL_STATE_FRAUD).Conviction = nil }, types.ErrGenesis},
		"conviction of no kind": {func(g *types.GenesisState) {
			deal(g, types.DEAL_STATE_FRAUD).Conviction.Kind = 0
		}, types.ErrComplaintKind},
		"slash below zero": {func(g *types.GenesisState) {
			deal(g, types.DEAL_STATE_FRAUD).Conviction.Slashed[0].Amount = math.NewInt(-1)
		}, types.ErrAmount},
		"compensation above the slash": {func(g *types.GenesisState) {
			c := deal(g, types.DEAL_STATE_FRAUD).Conviction
			c.Compensation = c.Slashed[0].Amount.AddRaw(1)
		}, types.ErrAmount},
		"bond below zero": {func(g *types.GenesisState) { g.Validators[0].Bond = math.NewInt(-1) }, types.ErrAmount},
		"early delivery": {func(g *types.GenesisState) {
			deal(g, types.DEAL_STATE_ACKED).Delivery = &types.Delivery{}
		}, types.ErrDelivery},
		"no deadline": {func(g *types.GenesisState) { deal(g, types.DEAL_STATE_ACKED).DeadlineHeight = 0 }, types.ErrGenesis},
		"ack height":  {func(g *types.GenesisState) { deal(g, types.DEAL_STATE_ACKED).AckHeight = 0 }, types.ErrGenesis},
		"history":     {func(g *types.GenesisState) { deal(g, types.DEAL_STATE_ACKED).History = nil }, types.ErrGenesis},
		"uncertified": {func(g *types.GenesisState) {
			deal(g, types.DEAL_STATE_ACKED).Certificates = nil
		}, types.ErrCertificateCount},
		"foreign certificate": {func(g *types.GenesisState) {
			deal(g, types.DEAL_STATE_ACKED).Certificates[0].CommissionBp++
		}, types.ErrNotAccepted},
		"deadlines":               {func(g *types.GenesisState) { g.Deals[0].Deadlines.Ack = 0 }, types.ErrDeadlines},
		"pool's draw":             {func(g *types.GenesisState) { g.Pools[0].DrawCount = 99 }, types.ErrDrawCount},
		"draw of too many":        {func(g *types.GenesisState) { drawn(g, true).Draw.Count = 99 }, types.ErrGenesis},
		"draw of too few":         {func(g *types.GenesisState) { d := drawn(g, true); d.Validators = nil }, types.ErrDrawCount},
		"draw without candidates": {func(g *types.GenesisState) { drawn(g, false).Draw.Candidates = nil }, types.ErrGenesis},
		"no draw in a pool that draws": {func(g *types.GenesisState) {
			d := drawn(g, true)
			d.Draw = nil
		}, types.ErrGenesis},
		"drawn before its block": {func(g *types.GenesisState) {
			d := drawn(g, true)
			d.Draw.Height = d.DrawBlockHeight() - 1
		}, types.ErrDrawCount},
		"short preimage":           {func(g *types.GenesisState) { drawn(g, true).Draw.Preimage = tag[1:] }, types.ErrPreimage},
		"preimage before the draw": {func(g *types.GenesisState) { drawn(g, false).Draw.Preimage = tag }, types.ErrNotDrawn},
		"no commitment":            {func(g *types.GenesisState) { g.Pools[4].DrawCommitment = nil }, types.ErrDrawCommitment},
		"commitment without draws": {func(g *types.GenesisState) { g.Pools[0].DrawCommitment = tag }, types.ErrDrawCommitment},
		"reveal without draws": {func(g *types.GenesisState) {
			g.Pools[0].DrawHeight, g.Pools[0].RevealHeight = 1, 2
		}, types.ErrDrawHeight},
		"reveal of its own block":    {func(g *types.GenesisState) { g.Pools[4].DrawHeight = g.Pools[4].RevealHeight }, types.ErrDrawHeight},
		"no draw block":              {func(g *types.GenesisState) { g.DrawBlocks = nil }, types.ErrGenesis},
		"repeated draw block":        {func(g *types.GenesisState) { g.DrawBlocks = append(g.DrawBlocks, g.DrawBlocks[0]) }, types.ErrGenesis},
		"draw block of other deals":  {func(g *types.GenesisState) { g.DrawBlocks[0].Waiting++ }, types.ErrGenesis},
		"draw block without a hash":  {func(g *types.GenesisState) { g.DrawBlocks[0].Hash = nil }, types.ErrGenesis},
		"hash of a block to come":    {func(g *types.GenesisState) { g.DrawBlocks[1].Hash = tag }, types.ErrGenesis},
		"too many duties":            {func(g *types.GenesisState) { g.Validators[0].Duties.Weights = make([]uint64, 65) }, types.ErrGenesis},
		"a duty without weight":      {func(g *types.GenesisState) { g.Validators[0].Duties.Weights = make([]uint64, 1) }, types.ErrGenesis},
		"missed more than there are": {func(g *types.GenesisState) { g.Validators[0].Duties.Missed = 1 << 63 }, types.ErrGenesis},
		"drawn, no candidate":        {func(g *types.GenesisState) { drawn(g, true).Validators[0].CommissionBp++ }, types.ErrNotAccepted},
		"validators before the draw": {func(g *types.GenesisState) {
			d := drawn(g, false)
			d.Validators = d.Draw.Candidates
		}, types.ErrNotDrawn},
		"pool's ack mode": {func(g *types.GenesisState) { g.Pools[0].AckMode = 0 }, types.ErrAckMode},
		"deal's ack mode": {func(g *types.GenesisState) { g.Deals[0].AckMode = 3 }, types.ErrGenesis},
		"dataset":         {func(g *types.GenesisState) { g.Deals[0].Dataset.Box = nil }, types.ErrBox},
	} {
		t.Run(name, func(t *testing.T) {
			g := m.Export()
			row.change(g)
			chain := datapooltest.New(datapooltest.Config{ModuleHolding: m.Held(), Start: m.Head().Time, Height: m.Head().Height + 1})
			err := chain.Read(func(ctx sdk.Context, _ types.QueryServer) error { return chain.Keeper.InitGenesis(ctx, g) })
			requireError(t, err, row.want)
		})
	}
}

// TestFundsByAccidentHarmNothing sends money to the module's account, as anyone
// can do to any address of a chain.
func TestFundsByAccidentHarmNothing(t *testing.T) {
	m := datapooltest.NewMarket(t, 2)
	m.FundModule(1)
	m.DealIn(types.DEAL_STATE_FINAL)
	m.CheckInvariants()
	m.Must(&types.MsgWithdraw{Address: string(m.Seller)})
	m.DealIn(types.DEAL_STATE_DELIVERED)
	m.CheckInvariants()
}
