package ack

import (
	"errors"
	"fmt"
	"io"

	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-msgio/pbio"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack/ackpb"
)

// Protocol is the protocol's id on a chain.
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
		return 0, v, fmt.Errorf("%w: a handover wants a deal, a key of 33 and a signature of 64 bytes", ErrProtocol)
	case v.AckHeight <= 0 || v.ExpiryHeight < v.AckHeight:
		return 0, v, fmt.Errorf("%w: heights that cannot be", ErrProtocol)
	}
	copy(v.PublicKey[:], m.GetPublicKey())
	copy(v.Signature[:], m.GetSignature())
	return pdx.DealID(m.GetDealId()), v, nil
}

// read reads one frame; what is wrong with the bytes is ErrProtocol, what is wrong
// with the connection is as it came.
func read(r io.Reader, m proto.Message) error {
	counted := &counter{r: r}
	err := pbio.NewDelimitedReader(counted, maxFrame).ReadMsg(m)
	if err != nil && counted.err == nil {
		return fmt.Errorf("%w: %v", ErrProtocol, err)
	}
	return err
}

// counter remembers how its reader failed.
type counter struct {
	r   io.Reader
	err error
}

// Read reads on.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err != nil && (n == 0 || !errors.Is(err, io.EOF)) {
		c.err = err
	}
	return n, err
}

func write(w io.Writer, m proto.Message) error { return pbio.NewDelimitedWriter(w).WriteMsg(m) }
