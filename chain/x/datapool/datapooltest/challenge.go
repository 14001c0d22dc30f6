package datapooltest

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/bao"
)

// NewChallenge returns a message that is accepted from the buyer of a certified deal of mode
// QUORUM with this number.
func (m *Market) NewChallenge(id uint64, chunks ...uint64) *types.MsgChallenge {
	return &types.MsgChallenge{Buyer: string(m.Buyer), DealId: id, Chunks: chunks, FactsHash: m.FactsHash(m.find(id))}
}

// NewAnswer returns a message that is accepted from a validator that promised, if the deal with
// this number has an open challenge.
func (m *Market) NewAnswer(id uint64, validator pdx.Address) *types.MsgAnswer {
	msg := &types.MsgAnswer{Validator: string(validator), DealId: id, Slices: [][]byte{{0}}}
	if c := m.find(id).Challenge; c != nil {
		msg.Challenge, msg.Slices = c.Number, m.Sealed[id].Chunks(c.Chunks...)
	}
	return msg
}

// Chunks returns the slices of chunks.
func (s Sealed) Chunks(chunks ...uint64) (slices [][]byte) {
	for _, i := range chunks {
		slice, err := bao.ChunkSlice(s.Slice(i*bao.ChunkSize/bao.SegmentSize), s.Dataset.Root, s.Dataset.Size, i)
		if err != nil {
			panic(fmt.Sprintf("datapooltest: chunk: %v", err))
		}
		slices = append(slices, slice)
	}
	return slices
}
