package keeper_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func TestSetConditionsRefusals(t *testing.T) {
	type M = types.MsgSetConditions
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.SetConditions, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 1)
		c := types.DefaultConditions()
		c.Buyers, c.MediaTypes = []string{string(m.Buyer)}, []string{"application/fhir+ndjson"}
		return m, &M{Validator: string(m.Validators[0]), Conditions: c}
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Validator = "" }, types.ErrAddress},
		{"not a validator", func(x market, m *M) { m.Validator = string(x.Buyer) }, types.ErrValidatorNotFound},
		{"no dataset at all", func(_ market, m *M) { m.Conditions.MaxDatasetSize = 0 }, types.ErrConditions},
		{"datasets beyond all", func(_ market, m *M) { m.Conditions.MaxDatasetSize = types.MaxDatasetSize + 1 }, types.ErrConditions},
		{"terms beyond all", func(_ market, m *M) { m.Conditions.MaxTermsSize = types.MaxTermsSize + 1 }, types.ErrConditions},
		{"many buyers", func(_ market, m *M) {
			for i := range types.MaxConditionBuyers {
				m.Conditions.Buyers = append(m.Conditions.Buyers, string(datapooltest.Account(fmt.Sprint(i))))
			}
		}, types.ErrConditions},
		{"repeated buyer", func(x market, m *M) { m.Conditions.Buyers = append(m.Conditions.Buyers, string(x.Buyer)) }, types.ErrConditions},
		{"buyer that is no address", func(_ market, m *M) { m.Conditions.Buyers[0] = "me" }, types.ErrAddress},
		{"buyer in capitals", func(x market, m *M) { m.Conditions.Buyers[0] = strings.ToUpper(string(x.Buyer)) }, types.ErrAddress},
		{"many media types", func(_ market, m *M) {
			for i := range types.MaxConditionMediaTypes {
				m.Conditions.MediaTypes = append(m.Conditions.MediaTypes, fmt.Sprintf("text/%d", i))
			}
		}, types.ErrConditions},
		{"repeated media type", func(_ market, m *M) {
			m.Conditions.MediaTypes = append(m.Conditions.MediaTypes, "Application/FHIR+ndjson")
		}, types.ErrConditions},
		{"empty media type", func(_ market, m *M) { m.Conditions.MediaTypes[0] = "" }, types.ErrConditions},
		{"long media type", func(_ market, m *M) {
			m.Conditions.MediaTypes[0] = strings.Repeat("t", types.MaxMediaTypeLen+1)
		}, types.ErrConditions},
		{"media type with escape", func(_ market, m *M) { m.Conditions.MediaTypes[0] = "\x1b[8m" }, types.ErrConditions},
	})
}

// TestConditions has pools that just meet a validator's conditions and ones that just do not.
func TestConditions(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	texts := types.TermsSize(datapooltest.Terms())
	for name, row := range map[string]struct {
		change func(c *types.Conditions, meets bool)
		pool   func(*types.MsgCreatePool)
	}{
		"income": {change: func(c *types.Conditions, meets bool) {
			c.MinIncome = datapooltest.Price / 100 // a commission of 1 %
			if !meets {
				c.MinIncome++
			}
		}},
		"text of terms": {change: func(c *types.Conditions, meets bool) {
			c.MaxTermsSize = texts
			if !meets {
				c.MaxTermsSize--
			}
		}},
		"size": {change: func(c *types.Conditions, meets bool) {
			c.MaxDatasetSize = 1 << 20
			if !meets {
				c.MaxDatasetSize--
			}
		}, pool: func(p *types.MsgCreatePool) { p.MaxDatasetSize = 1 << 20 }},
		"buyers": {change: func(c *types.Conditions, meets bool) {
			c.Buyers = []string{string(m.Seller)}
			if meets {
				c.Buyers = append(c.Buyers, string(m.Buyer))
			}
		}},
		"media types": {change: func(c *types.Conditions, meets bool) {
			c.MediaTypes = []string{"text/csv"}
			if meets {
				c.MediaTypes = append(c.MediaTypes, "APPLICATION/fhir+ndjson")
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, meets := range []bool{true, false} {
				c := types.DefaultConditions()
				row.change(&c, meets)
				m.Must(&types.MsgSetConditions{Validator: string(m.Validators[1]), Conditions: c})
				pool := m.NewPool(m.Buyer, m.BuyerKey, 1, m.Validators...)
				if row.pool != nil {
					row.pool(pool)
				}
				if !meets {
					_, err := m.Exec(pool)
					requireError(t, err, types.ErrPoolConditions)
					require.ErrorContains(t, err, string(m.Validators[1]), "the error names the validator")
					continue
				}
				if row.pool != nil {
					m.OpenPool(1, row.pool)
				} else {
					m.OpenPool(1)
				}
			}
			m.CheckInvariants()
		})
	}
}

// TestConditionsAreForNewPools: a pool that exists keeps its validators and its bounds.
func TestConditionsAreForNewPools(t *testing.T) {
	m := datapooltest.NewMarket(t, 2)
	before := m.GetPool()
	strict := types.Conditions{MinIncome: 1 << 60, MaxDatasetSize: 1}
	m.Must(&types.MsgSetConditions{Validator: string(m.Validators[0]), Conditions: strict})
	require.Equal(t, before, m.GetPool())
	m.DealIn(types.DEAL_STATE_FINAL)
	m.CheckInvariants()
}

// TestTheSmallestOfTheLargestDatasets is what a pool takes that does not say how large a
// dataset may be.
func TestTheSmallestOfTheLargestDatasets(t *testing.T) {
	m := datapooltest.NewMarket(t, 2)
	for i, v := range m.Validators {
		c := types.DefaultConditions()
		c.MaxDatasetSize = 1 << (20 + i)
		m.Must(&types.MsgSetConditions{Validator: string(v), Conditions: c})
	}
	m.Pool = m.OpenPool(1)
	require.EqualValues(t, 1<<20, m.GetPool().MaxDatasetSize)
}
