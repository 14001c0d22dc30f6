package ack

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack/ackpb"
)

// service names the protocol's share in the host's resource manager.
const service = "pdx.ack"

// Protocol returns the protocol's id on a chain.
func Protocol(chainID string) protocol.ID { return protocol.ID("/pdx/" + chainID + "/ack/1") }

func encode(deal pdx.DealID, v pdx.AckVoucher) *ackpb.Handover {
	return &ackpb.Handover{
		DealId: uint64(deal), AckHeight: v.AckHeight, ExpiryHeight: v.ExpiryHeight,
		PublicKey: v.PublicKey[:], Signature: v.Signature[:],
	}
}

// decode takes a handover whose fields have the form that the chain asks for.
func decode(m *ackpb.Handover) (pdx.DealID, pdx.AckVoucher, error) {
	v := pdx.AckVoucher{AckHeight: m.GetAckHeight(), ExpiryHeight: m.GetExpiryHeight()}
	switch {
	case m.GetDealId() == 0 || len(m.GetPublicKey()) != len(v.PublicKey) || len(m.GetSignature()) != len(v.Signature):
		return 0, v, fmt.Errorf("%w: a handover needs a deal, a key of 33 bytes and a signature of 64 bytes", ErrProtocol)
	case v.AckHeight <= 0 || v.ExpiryHeight < v.AckHeight:
		return 0, v, fmt.Errorf("%w: ack height %d and expiry height %d are impossible", ErrProtocol, v.AckHeight, v.ExpiryHeight)
	}
	copy(v.PublicKey[:], m.GetPublicKey())
	copy(v.Signature[:], m.GetSignature())
	return pdx.DealID(m.GetDealId()), v, nil
}
