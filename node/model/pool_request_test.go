package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

func TestDefaultReward(t *testing.T) {
	for _, row := range []struct {
		price    pdx.Amount
		verdicts uint64
		want     pdx.Amount
	}{
		{10_000_000, 1, 1_000_000},
		{10_000_000, 3, 1_000_000},
		{10_000_000, 32, 104_166},
		{5_000_000, 3, 555_555},
		{1_000_000_000, 3, 1_000_000},
		{2, 1, 0},
		{5, 0, 1},
	} {
		require.Equal(t, row.want, model.DefaultReward(row.price, row.verdicts), "%v", row)
	}
}
