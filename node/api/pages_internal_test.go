package api

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

func TestToPage(t *testing.T) {
	p, err := toPage(&nodepb.ListSalesRequest{})
	require.NoError(t, err)
	require.Equal(t, model.Page{Limit: pageDefault}, p)
	p, err = toPage(&nodepb.ListPullsRequest{Limit: pageMost, Cursor: "c", Reverse: true})
	require.NoError(t, err)
	require.Equal(t, model.Page{Limit: pageMost, Cursor: "c", Reverse: true}, p)
	_, err = toPage(&nodepb.ListDataRequest{Limit: pageMost + 1})
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func TestToPrune(t *testing.T) {
	p, err := toPrune(&nodepb.PruneSalesRequest{OlderThanSeconds: 3600, DryRun: true, Cursor: "c"})
	require.NoError(t, err)
	require.WithinRange(t, p.Before, time.Now().Add(-time.Hour-time.Minute), time.Now().Add(-time.Hour))
	require.Equal(t, model.Prune{Before: p.Before, DryRun: true, Limit: pageMost, Cursor: "c"}, p)
	_, err = toPrune(&nodepb.PrunePullsRequest{OlderThanSeconds: 1 << 63})
	require.ErrorIs(t, err, pdx.ErrInvalid, "no overflow into the future")
}

func TestEachPage(t *testing.T) {
	var asked []string
	next, err := eachPage("a", func(cursor string) (string, error) {
		asked = append(asked, cursor)
		return map[string]string{"a": "b", "b": "c"}[cursor], nil
	})
	require.NoError(t, err)
	require.Empty(t, next)
	require.Equal(t, []string{"a", "b", "c"}, asked)
	next, err = eachPage("", func(string) (string, error) { return "more", pdx.ErrUnavailable })
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.Equal(t, "more", next)
}
