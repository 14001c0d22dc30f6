package gossip

import (
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
)

// A Notice is a message of an account in a pool.
type Notice struct {
	Pool   pdx.PoolID
	Author pdx.Address // proven
	Peer   peer.ID     // the author's, proven
	Sent   time.Time   // by the author's clock
	Body   Body
}

// Body is an Offered, an Availability or a Holding.
type Body interface {
	// senders returns the roles of which the author must have one, and the deal in which
	// it must have it; 0 means the whole pool.
	senders() (deal pdx.DealID, roles []pdx.Role)
	check() error
	write(*discoverypb.Notice)
}

// Offered announces a deal. The deal's seller sends it.
type Offered struct{ Deal pdx.DealID }

// Availability says how many datasets wait at a validator, and how many it checks at once. A
// validator of the pool sends it.
type Availability struct{ Queue, Capacity uint32 }

// Holding says that the author serves the ciphertext of a deal. A party of the deal sends it:
// seller, buyer or one of its validators.
type Holding struct {
	Deal pdx.DealID
	Root pdx.ContentID
}

func (b Offered) senders() (pdx.DealID, []pdx.Role) { return b.Deal, []pdx.Role{pdx.RoleSeller} }
func (b Availability) senders() (pdx.DealID, []pdx.Role) {
	return 0, []pdx.Role{pdx.RoleValidator}
}

func (b Holding) senders() (pdx.DealID, []pdx.Role) {
	return b.Deal, []pdx.Role{pdx.RoleSeller, pdx.RoleValidator, pdx.RoleBuyer}
}

func (b Offered) check() error      { return checkDeal(b.Deal) }
func (b Availability) check() error { return nil }
func (b Holding) check() error {
	if b.Root.IsZero() {
		return fmt.Errorf("%w: no root", pdx.ErrInvalid)
	}
	return checkDeal(b.Deal)
}

func checkDeal(id pdx.DealID) error {
	if id == 0 {
		return fmt.Errorf("%w: deals are numbered from 1", pdx.ErrInvalid)
	}
	return nil
}

func (b Offered) write(n *discoverypb.Notice) {
	n.Body = &discoverypb.Notice_Offered{Offered: &discoverypb.Offered{DealId: uint64(b.Deal)}}
}

func (b Availability) write(n *discoverypb.Notice) {
	n.Body = &discoverypb.Notice_Availability{Availability: &discoverypb.Availability{Queue: b.Queue, Capacity: b.Capacity}}
}

func (b Holding) write(n *discoverypb.Notice) {
	n.Body = &discoverypb.Notice_Holding{Holding: &discoverypb.Holding{DealId: uint64(b.Deal), Root: b.Root[:]}}
}

// encode returns the payload of a message.
func encode(pool pdx.PoolID, body Body, b *discoverypb.Binding, now time.Time) ([]byte, error) {
	if err := body.check(); err != nil {
		return nil, err
	}
	n := &discoverypb.Notice{Binding: b, PoolId: uint64(pool), Sent: now.UnixMilli()}
	body.write(n)
	return proto.Marshal(n)
}

// decode reads a payload; anything but a complete notice is ErrInvalid. The
// binding is not checked, and Author and Peer are not set.
func decode(payload []byte) (Notice, *discoverypb.Binding, error) {
	if len(payload) > maxNotice {
		return Notice{}, nil, fmt.Errorf("%w: a notice of %d bytes", pdx.ErrInvalid, len(payload))
	}
	var pb discoverypb.Notice
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(payload, &pb); err != nil {
		return Notice{}, nil, fmt.Errorf("%w: %w", pdx.ErrInvalid, err)
	}
	body, err := readBody(&pb)
	if err != nil {
		return Notice{}, nil, err
	}
	return Notice{Pool: pdx.PoolID(pb.GetPoolId()), Sent: time.UnixMilli(pb.GetSent()), Body: body}, pb.GetBinding(), nil
}

func readBody(pb *discoverypb.Notice) (Body, error) {
	var body Body
	switch b := pb.GetBody().(type) {
	case *discoverypb.Notice_Offered:
		body = Offered{Deal: pdx.DealID(b.Offered.GetDealId())}
	case *discoverypb.Notice_Availability:
		body = Availability{Queue: b.Availability.GetQueue(), Capacity: b.Availability.GetCapacity()}
	case *discoverypb.Notice_Holding:
		root := b.Holding.GetRoot()
		if len(root) != len(pdx.ContentID{}) {
			return nil, fmt.Errorf("%w: a root of %d bytes", pdx.ErrInvalid, len(root))
		}
		body = Holding{Deal: pdx.DealID(b.Holding.GetDealId()), Root: pdx.ContentID(root)}
	default:
		return nil, fmt.Errorf("%w: a notice of no known kind", pdx.ErrInvalid)
	}
	return body, body.check()
}
