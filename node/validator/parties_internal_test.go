package validator

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// The parties of a validator are the buyers of what it keeps and the sellers that ask now.
func TestPartiesOfLiveDeals(t *testing.T) {
	s := &Service{records: newRecords(nil), queue: newQueue(1, 1)}
	require.False(t, s.DealsWith("buyer"))
	for deal := range pdx.DealID(2) {
		s.records.set(Record{Deal: deal, Buyer: "buyer"})
		s.records.set(Record{Deal: deal, Buyer: "buyer"})
	}
	require.True(t, s.DealsWith("buyer"))
	s.records.drop(0)
	require.True(t, s.DealsWith("buyer"), "another is kept")
	s.records.set(Record{Deal: 1, Buyer: "buyer", Certified: true, Verdict: &pdx.Verdict{}})
	require.False(t, s.DealsWith("buyer"), "it was refused")

	ticket, err := s.queue.admit("seller", 1)
	require.NoError(t, err)
	require.True(t, s.DealsWith("seller"))
	ticket.leave()
	require.False(t, s.DealsWith("seller"))
}
