package keeper_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

var update = flag.Bool("update", false, "write known_complaints.json anew")

// TestKnownComplaintsAreAllKinds: what a process checks when it starts covers both ciphers
// and all four verdicts.
func TestKnownComplaintsAreAllKinds(t *testing.T) {
	if *update {
		writeKnownComplaints(t)
	}
	raw, err := os.ReadFile("known_complaints.json")
	require.NoError(t, err)
	var known []keeper.KnownComplaint
	require.NoError(t, json.Unmarshal(raw, &known))
	kinds := map[string]int{}
	for _, k := range known {
		kind := "box"
		if k.Segment != nil {
			kind = "segment"
		}
		if k.Code == 0 {
			kind += " convicts"
		}
		kinds[k.Dataset.Aead+" "+kind]++
	}
	require.Equal(t, map[string]int{
		"AEAD_AES_256_GCM segment": 1, "AEAD_AES_256_GCM segment convicts": 1,
		"AEAD_AES_256_GCM box": 1, "AEAD_AES_256_GCM box convicts": 1,
		"AEAD_CHACHA20_POLY1305 segment": 1, "AEAD_CHACHA20_POLY1305 segment convicts": 1,
		"AEAD_CHACHA20_POLY1305 box": 1, "AEAD_CHACHA20_POLY1305 box convicts": 1,
	}, kinds)
}

// writeKnownComplaints makes the complaints about datasets of one short segment.
func writeKnownComplaints(t *testing.T) {
	var all []keeper.KnownComplaint
	m := datapooltest.NewMarket(t, 9)
	for i, aead := range []pdx.AEAD{pdx.AES256GCM, pdx.ChaCha20Poly1305} {
		key := keyOf(t, [32]byte{1}, [32]byte{byte(i)})
		good := datapooltest.SealWith(key, aead, []byte("known"))
		for _, c := range []struct {
			name    string
			sealed  datapooltest.Sealed
			segment bool
			code    uint32
		}{
			{"a segment that opens", good, true, types.ErrSegmentOpens.ABCICode()},
			{"a segment that does not open", good.SpoilSegment(0), true, 0},
			{"a box that opens", good, false, types.ErrBoxOpens.ABCICode()},
			{"a box that does not open", good.SpoilBox(), false, 0},
		} {
			m.Pool = m.OpenPool(1)
			deal := m.Deal(m.SealedIn(types.DEAL_STATE_DELIVERED, c.sealed))
			k := keeper.KnownComplaint{
				Name: string(aead) + ": " + c.name, ChainID: m.Head().ChainID, Deal: deal.Id, Buyer: deal.Buyer, BuyerKey: deal.BuyerKey,
				Dataset: deal.Dataset, Delivery: deal.Delivery, Code: c.code,
			}
			if c.segment {
				k.Segment = m.NewSegmentComplaint(deal, c.sealed, 0).Segment
			} else {
				k.Box = m.NewBoxComplaint(deal, m.Keys[deal.PoolId]).Box
			}
			all = append(all, k)
		}
	}
	raw, err := json.MarshalIndent(all, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("known_complaints.json", append(raw, '\n'), 0o600))
}
