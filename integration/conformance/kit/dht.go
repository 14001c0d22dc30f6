package kit

import (
	"context"
	"fmt"

	pb "github.com/libp2p/go-libp2p-kad-dht/pb"
	"github.com/libp2p/go-libp2p/core/network"
)

const (
	dhtSection = "network.md, Finding peers: the DHT"
	dhtFrame   = 16 << 10
)

// dhtChecks concern nodes that serve the DHT.
func dhtChecks() []check {
	refused := func(id, rule string, m *pb.Message) check {
		return check{
			id: "dht/" + id, section: dhtSection, rule: rule, name: "kad/1.0.0", optional: true,
			run: func(ctx context.Context, s *stranger) error {
				t, err := s.say(ctx, "kad/1.0.0", frame(m))
				if err != nil {
					return err
				}
				if b, err := t.in.ReadByte(); err == nil {
					return fmt.Errorf("the server answers (%#x …)", b)
				}
				return nil
			},
		}
	}
	return []check{
		{
			id: "dht/find-node", section: dhtSection, rule: "FIND_NODE is answered", name: "kad/1.0.0", optional: true,
			run: func(ctx context.Context, s *stranger) error {
				t, err := s.say(ctx, "kad/1.0.0", frame(&pb.Message{Type: pb.Message_FIND_NODE, Key: random()}))
				if err != nil {
					return err
				}
				var answer pb.Message
				if err := t.receive(&answer, network.MessageSizeMax); err != nil {
					return err
				}
				if answer.GetType() != pb.Message_FIND_NODE {
					return fmt.Errorf("the answer is %v", answer.GetType())
				}
				return nil
			},
		},
		refused("values", "values are not stored: there are provider records only", &pb.Message{Type: pb.Message_PUT_VALUE, Key: random()}),
		refused("long", "messages of more than 16 KiB are not read", &pb.Message{Type: pb.Message_FIND_NODE, Key: make([]byte, dhtFrame+1)}),
	}
}
