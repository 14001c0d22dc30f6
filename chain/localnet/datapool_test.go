package localnet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
	datapooltypes "github.com/medibloc/pdx/chain/x/datapool/types"
)

func params(t *testing.T, chain *localnettest.Chain) datapooltypes.Params {
	t.Helper()
	res, err := datapooltypes.NewQueryClient(chain.Conn()).Params(t.Context(), &datapooltypes.QueryParamsRequest{})
	require.NoError(t, err)
	return res.Params
}

func TestDatapoolParamsComeFromTheConfig(t *testing.T) {
	wanted := localnet.Datapool{
		Deadlines:    pdx.Deadlines{Certify: time.Minute, Dispute: 5 * time.Millisecond, Key: 60 * 24 * time.Hour},
		MinBond:      77,
		OfferDeposit: 3,
	}
	got := params(t, localnettest.Start(t, localnettest.WithDatapool(wanted), localnettest.WithBlockInterval(50*time.Millisecond)))
	standard := datapooltypes.DefaultParams()
	require.Equal(t, "77", got.MinBond.String())
	require.Equal(t, "3", got.OfferDeposit.String())
	require.Equal(t, 50*time.Millisecond, got.BlockTime)
	require.Equal(t, time.Minute, got.DefaultDeadlines.Certify)
	require.Equal(t, time.Second, got.MinDeadlines.Certify)
	require.Equal(t, standard.DefaultDeadlines.Ack, got.DefaultDeadlines.Ack)
	require.Equal(t, 5*time.Millisecond, got.DefaultDeadlines.Dispute)
	require.Equal(t, 5*time.Millisecond, got.MinDeadlines.Dispute)
	require.Equal(t, 60*24*time.Hour, got.MaxDeadlines.Key)
	require.NoError(t, got.Validate())
}

func TestDatapoolParamsAreThoseOfPanaceaOtherwise(t *testing.T) {
	got, standard := params(t, localnettest.Start(t)), datapooltypes.DefaultParams()
	require.Equal(t, standard.DefaultDeadlines, got.DefaultDeadlines)
	require.Equal(t, standard.MaxDeadlines, got.MaxDeadlines)
	require.Equal(t, standard.MinBond, got.MinBond)
}
