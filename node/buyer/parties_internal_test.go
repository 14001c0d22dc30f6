package buyer

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/model"
)

// The seller of a deal is a party until nothing is left to do.
func TestPartiesOfLiveDeals(t *testing.T) {
	s := &Service{feed: newFeed()}
	require.False(t, s.DealsWith("seller"))
	pull := model.Pull{Deal: 1, Seller: "seller", State: model.PullCertified}
	s.feed.set(pull)
	require.True(t, s.DealsWith("seller"))
	require.False(t, s.DealsWith("other"))
	pull.State = model.PullFinal
	s.feed.set(pull)
	require.False(t, s.DealsWith("seller"))
}
