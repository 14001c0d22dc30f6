package keeper_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/dedup"
)

// refusingMarket has a pool that refuses duplicates.
func refusingMarket(t *testing.T, target uint64, changes ...func(*types.MsgCreatePool)) *datapooltest.Market {
	t.Helper()
	m := datapooltest.NewMarket(t, 1)
	changes = append([]func(*types.MsgCreatePool){func(msg *types.MsgCreatePool) { m.RefuseDuplicates(msg, m.BuyerKey) }}, changes...)
	m.Pool = m.OpenPool(target, changes...)
	return m
}

func taggedAccept(m *datapooltest.Market, id uint64, validator int, tag []byte) *types.MsgCertify {
	msg := m.NewAccept(id, m.Validators[validator])
	datapooltest.Tag(msg, tag)
	return msg
}

func tagKeysOf(t *testing.T, m *datapooltest.Market, pool uint64) (keys [][]byte, err error) {
	t.Helper()
	err = m.Read(func(ctx sdk.Context, q types.QueryServer) error {
		resp, err := q.TagKeys(ctx, &types.QueryTagKeysRequest{PoolId: pool})
		if err == nil {
			keys = resp.Keys
		}
		return err
	})
	return keys, err
}

// TestValidatorsOpenTheTagKey: what the chain keeps of a pool opens for each of its validators
// to the key that the chain names, and no step of a deal reads it.
func TestValidatorsOpenTheTagKey(t *testing.T) {
	m := refusingMarket(t, 3)
	pool, key := m.GetPool(), m.Keys[m.Pool]
	keys, err := tagKeysOf(t, m, m.Pool)
	require.NoError(t, err)
	require.Len(t, keys, len(m.Validators))
	of := dedup.Pool{ChainID: m.Head().ChainID, BuyerKey: key.Public()}
	for i, v := range m.Validators {
		got, err := datapooltest.Recipient(v).Open(of, v, keys[i], [32]byte(pool.TagCommitment))
		require.NoError(t, err)
		require.Equal(t, m.TagKey(key), got)
	}
	deal := m.Deal(m.Offer())
	require.Equal(t, pool.TagCommitment, deal.TagCommitment)
	none, err := tagKeysOf(t, m, 1)
	require.NoError(t, err)
	require.Empty(t, none, "a pool that takes duplicates")
	_, err = tagKeysOf(t, m, 99)
	require.Error(t, err)
	m.CheckInvariants()
}

func TestRefusalsOfTagKeys(t *testing.T) {
	type M = types.MsgCreatePool
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.CreatePool, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 1)
		msg := m.NewPool(m.Buyer, m.BuyerKey, 3, m.Validators...)
		m.RefuseDuplicates(msg, m.BuyerKey)
		return m, msg
	}, []refusal[M]{
		{"short commitment", func(_ market, m *M) { m.TagCommitment = m.TagCommitment[1:] }, types.ErrTagKeys},
		{"long commitment", func(_ market, m *M) { m.TagCommitment = append(bytes.Clone(m.TagCommitment), 0) }, types.ErrTagKeys},
		{"keys without a commitment", func(_ market, m *M) { m.TagCommitment = nil }, types.ErrTagKeys},
		{"no keys", func(_ market, m *M) { m.TagKeys = nil }, types.ErrTagKeys},
		{"a key too few", func(_ market, m *M) { m.TagKeys = m.TagKeys[1:] }, types.ErrTagKeys},
		{"a key too many", func(_ market, m *M) { m.TagKeys = append(m.TagKeys, m.TagKeys[0]) }, types.ErrTagKeys},
		{"short key", func(_ market, m *M) { m.TagKeys[1] = m.TagKeys[1][1:] }, types.ErrTagKeys},
		{"long key", func(_ market, m *M) { m.TagKeys[1] = append(m.TagKeys[1], 0) }, types.ErrTagKeys},
		{"more than all records", func(_ market, m *M) { m.MaxOverlapPpm = types.MaxOverlap + 1 }, types.ErrTagKeys},
		{"overlap without a commitment", func(_ market, m *M) {
			m.TagCommitment, m.TagKeys, m.MaxOverlapPpm = nil, nil, 1
		}, types.ErrTagKeys},
		{"validator without a recipient key", func(x market, m *M) {
			v := x.Validator(x.Validators[2])
			x.Must(&types.MsgUpdateValidator{Validator: v.Address, PeerId: v.PeerId})
		}, types.ErrNoRecipientKey},
	})
}

func TestRefusalsOfRecipientKeys(t *testing.T) {
	for name, key := range map[string][]byte{
		"short": make([]byte, 31), "long": append(tag, 0), "zero": make([]byte, 32), "small order": {0: 1, 31: 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := datapooltest.NewMarket(t, 1)
			requireRefused(t, m, &types.MsgUpdateValidator{
				Validator: string(m.Validators[0]), PeerId: "12D3KooW", RecipientKey: key,
			}, types.ErrRecipientKey)
			newcomer := datapooltest.NewValidator(m.Seller, 100)
			newcomer.RecipientKey = key
			requireRefused(t, m, newcomer, types.ErrRecipientKey)
		})
	}
}

func TestRefusalsOfRecordSets(t *testing.T) {
	type M = types.MsgCertify
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Certify, func(t *testing.T) (market, *M) {
		m := refusingMarket(t, 3)
		return m, taggedAccept(m, m.Offer(), 0, tag)
	}, []refusal[M]{
		{"no tag", func(_ market, m *M) { m.DuplicateTag, m.RecordSet, m.RecordSetSize = nil, nil, 0 }, types.ErrTagMissing},
		{"set without a tag", func(_ market, m *M) { m.DuplicateTag = nil }, types.ErrRecordSet},
		{"tag without a set", func(_ market, m *M) { m.RecordSet, m.RecordSetSize = nil, 0 }, types.ErrRecordSet},
		{"short root", func(_ market, m *M) { m.RecordSet = m.RecordSet[1:] }, types.ErrRecordSet},
		{"long root", func(_ market, m *M) { m.RecordSet = append(m.RecordSet, 0) }, types.ErrRecordSet},
		{"no size", func(_ market, m *M) { m.RecordSetSize = 0 }, types.ErrRecordSet},
		{"size of no set", func(_ market, m *M) { m.RecordSetSize++ }, types.ErrRecordSet},
		{"size of no records", func(_ market, m *M) { m.RecordSetSize = dedup.SealedSize(0) }, types.ErrRecordSet},
		{"size beyond all", func(_ market, m *M) { m.RecordSetSize = dedup.MaxSize + 16 }, types.ErrRecordSet},
		{"size beyond 63 bits", func(_ market, m *M) { m.RecordSetSize = 1<<64 - 32 }, types.ErrRecordSet},
		{"tag seen", func(x market, m *M) { x.Must(taggedAccept(x, x.Offer(), 0, tag)) }, types.ErrTagSeen},
		{"late, without a tag", func(x market, m *M) {
			x.Must(taggedAccept(x, m.DealId, 1, tag))
			m.DuplicateTag, m.RecordSet, m.RecordSetSize = nil, nil, 0
		}, types.ErrTagMissing},
	})
}

// TestARejectNeedsNoTag: whoever rejects may not have read the records.
func TestARejectNeedsNoTag(t *testing.T) {
	m := refusingMarket(t, 3)
	m.Must(m.NewReject(m.Offer(), m.Validators[0]))
	m.CheckInvariants()
}

// TestTheSetIsInTheCertificate: who comes later reads there which set to compare with.
func TestTheSetIsInTheCertificate(t *testing.T) {
	m := refusingMarket(t, 3)
	id := m.Offer()
	msg := taggedAccept(m, id, 0, tag)
	m.Must(msg)
	c := m.Deal(id).Certificates[0]
	require.Equal(t, [][]byte{msg.DuplicateTag, msg.RecordSet}, [][]byte{c.DuplicateTag, c.RecordSet})
	require.Equal(t, msg.RecordSetSize, c.RecordSetSize)
	require.Equal(t, types.DEAL_STATE_CERTIFIED, m.Deal(id).State)
	// A deal that ends without its seller's fault lets go of the tag.
	other := m.Offer()
	requireRefused(t, m, taggedAccept(m, other, 0, tag), types.ErrTagSeen)
	m.PastDeal(id)
	m.Must(&types.MsgExpire{Sender: string(m.Seller), DealId: id})
	again := m.Offer()
	m.Must(taggedAccept(m, again, 0, tag))
	require.Equal(t, types.DEAL_STATE_CERTIFIED, m.Deal(again).State)
	m.CheckInvariants()
}

// TestNobodyPaysForTagKeys: the record of a pool does not grow with its validators' keys.
func TestNobodyPaysForTagKeys(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	plain := m.GetPool()
	m = refusingMarket(t, 1)
	refusing := m.GetPool()
	require.LessOrEqual(t, refusing.Size()-plain.Size(), 35)
}

func TestGenesisRefusesTagKeys(t *testing.T) {
	m := refusingMarket(t, 3)
	m.Must(taggedAccept(m, m.Offer(), 0, tag))
	for name, row := range map[string]struct {
		change func(*types.GenesisState)
		want   *errorsmod.Error
	}{
		"no keys":                 {func(g *types.GenesisState) { g.TagKeys = nil }, types.ErrGenesis},
		"twice":                   {func(g *types.GenesisState) { g.TagKeys = append(g.TagKeys, g.TagKeys[0]) }, types.ErrGenesis},
		"of no pool":              {func(g *types.GenesisState) { g.TagKeys[0].PoolId = 77 }, types.ErrGenesis},
		"of another pool":         {func(g *types.GenesisState) { g.TagKeys[0].PoolId = 1 }, types.ErrGenesis},
		"a key too few":           {func(g *types.GenesisState) { g.TagKeys[0].Keys = g.TagKeys[0].Keys[1:] }, types.ErrTagKeys},
		"short key":               {func(g *types.GenesisState) { g.TagKeys[0].Keys[0] = tag }, types.ErrTagKeys},
		"short commitment":        {func(g *types.GenesisState) { g.Pools[1].TagCommitment = tag[1:] }, types.ErrTagKeys},
		"overlap":                 {func(g *types.GenesisState) { g.Pools[1].MaxOverlapPpm = types.MaxOverlap + 1 }, types.ErrTagKeys},
		"other rule than pool's":  {func(g *types.GenesisState) { g.Deals[0].MaxOverlapPpm = 1 }, types.ErrGenesis},
		"other key than pool's":   {func(g *types.GenesisState) { g.Deals[0].TagCommitment = tag }, types.ErrGenesis},
		"accept without a tag":    {func(g *types.GenesisState) { untag(&g.Deals[0].Certificates[0]) }, types.ErrTagMissing},
		"set without a tag":       {func(g *types.GenesisState) { g.Deals[0].Certificates[0].DuplicateTag = nil }, types.ErrRecordSet},
		"size of no set":          {func(g *types.GenesisState) { g.Deals[0].Certificates[0].RecordSetSize++ }, types.ErrRecordSet},
		"weak recipient key":      {func(g *types.GenesisState) { g.Validators[0].RecipientKey = make([]byte, 32) }, types.ErrRecipientKey},
		"malformed recipient key": {func(g *types.GenesisState) { g.Validators[0].RecipientKey = tag[1:] }, types.ErrRecipientKey},
	} {
		t.Run(name, func(t *testing.T) {
			g := m.Export()
			require.NoError(t, g.Validate())
			row.change(g)
			require.ErrorIs(t, g.Validate(), row.want)
		})
	}
}

func untag(c *types.Certificate) { c.DuplicateTag, c.RecordSet, c.RecordSetSize = nil, nil, 0 }

// TestExportOfDuplicates: tag keys, sets and tags survive an export, and a tag stays held.
func TestExportOfDuplicates(t *testing.T) {
	m := refusingMarket(t, 3)
	m.Must(taggedAccept(m, m.Offer(), 0, tag))
	before, head := m.Export(), m.Head()
	require.Len(t, before.TagKeys, 1)
	again := datapooltest.New(datapooltest.Config{
		Genesis: before, ModuleHolding: m.Held(), Start: head.Time, Height: head.Height + 1, ChainID: head.ChainID,
	})
	require.NoError(t, again.Read(func(ctx sdk.Context, q types.QueryServer) error {
		after, err := again.Keeper.ExportGenesis(ctx)
		require.NoError(t, err)
		require.Equal(t, before, after)
		keys, err := q.TagKeys(ctx, &types.QueryTagKeysRequest{PoolId: m.Pool})
		require.NoError(t, err)
		require.Equal(t, before.TagKeys[0].Keys, keys.Keys)
		return again.Keeper.CheckInvariants(ctx)
	}))
	again.Fund(m.Seller, datapooltest.Wealth)
	id := execOffer(t, again, m.NewOffer(m.Pool, m.Seller, datapooltest.Seal(nil), m.Validators...))
	var offered types.Deal
	require.NoError(t, again.Read(func(ctx sdk.Context, q types.QueryServer) error {
		resp, err := q.Deal(ctx, &types.QueryDealRequest{DealId: id})
		offered = resp.Deal
		return err
	}))
	copied := again.NewAccept(offered, m.Validators[2])
	datapooltest.Tag(copied, tag)
	_, err := again.Exec(copied)
	requireError(t, err, types.ErrTagSeen)
}

// missesSet is a verdict that nobody serves the record set with that tag.
func missesSet(m *datapooltest.Market, id uint64, validator int, tag []byte) *types.MsgCertify {
	msg := m.NewReject(id, m.Validators[validator])
	msg.Reason = types.REJECT_REASON_SET
	if tag != nil {
		datapooltest.Tag(msg, tag)
	}
	return msg
}

// TestAMissingSetIsNamed: one that a certified deal of the pool holds, or there is nothing to miss.
func TestAMissingSetIsNamed(t *testing.T) {
	m := refusingMarket(t, 3)
	id := m.Offer()
	requireRefused(t, m, missesSet(m, id, 0, tag), types.ErrMissingSet)
	requireRefused(t, m, missesSet(m, id, 0, nil), types.ErrMissingSet)
	m.Must(taggedAccept(m, m.Offer(), 0, tag))
	m.Must(missesSet(m, id, 0, tag))
	require.Equal(t, tag, m.Deal(id).Certificates[0].DuplicateTag)
	m.CheckInvariants()

	m.Pool = m.OpenPool(1)
	requireRefused(t, m, missesSet(m, m.Offer(), 0, tag), types.ErrMissingSet)
}

// TestAMissingSetTakesNothing from the seller of the dataset that cannot be compared, and pays
// nobody for saying so. It answers the duty of a validator that was drawn.
func TestAMissingSetTakesNothing(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: datapooltest.Economy()})
	m.Pool = m.OpenPool(9, func(p *types.MsgCreatePool) {
		m.RefuseDuplicates(p, m.BuyerKey)
		p.DrawCount, p.VerdictReward = 3, uint64(reward)
	})
	first := m.Offer()
	drawNow(t, m)
	m.Must(taggedAccept(m, first, 0, tag))
	require.Equal(t, types.DEAL_STATE_CERTIFIED, m.Deal(first).State)

	id := m.Offer()
	drawNow(t, m)
	for i := range m.Validators {
		m.Must(missesSet(m, id, i, tag))
	}
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	require.Equal(t, wholeDeposit, m.Withdrawable(m.Seller))
	for _, v := range m.Validators {
		require.Zero(t, m.Withdrawable(v))
		require.Zero(t, m.Validator(v).Duties.MissedCount())
	}
	m.CheckInvariants()
}
