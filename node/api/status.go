package api

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

// Node is the process itself.
type Node interface {
	// Status is how the node is; what cannot be learnt now is in its health.
	Status(ctx context.Context) Status
	// Peers are the peers connected now.
	Peers(ctx context.Context) []Peer
	// Contact is where a validator is to be found: peer id and multiaddrs.
	Contact() (peerID string, addresses []string)
	// RecipientKey is the key to which pools seal their tag keys to this node's validator.
	RecipientKey(ctx context.Context) ([32]byte, error)
	// End makes the process end itself, soon.
	End()
	// Criteria fetches the criteria document of a pool.
	Criteria(ctx context.Context, pool pdx.Pool) ([]byte, error)
}

// Status is how a node is.
type Status struct {
	Version      string
	Home         string
	Account      pdx.Address
	PeerID       string
	Listen       []string
	Roles        []string
	Handled      int64 // height
	Head         pdx.Head
	HeadHeard    time.Time // zero: not since the node started; likewise BalanceHeard
	Balance      pdx.Amount
	Withdrawable pdx.Amount
	BalanceHeard time.Time
	Peers        int
	Health       []Health
	Started      time.Time
	Duties       []model.Duty
	Kept, Quota  uint64 // bytes of ciphertext that a validator keeps, and the most; 0 without one
}

// Health is how one part of a node is.
type Health struct {
	Part    string
	OK      bool
	Message string
}

// Peer is a connected peer.
type Peer struct {
	ID        string
	Account   pdx.Address // empty until proven
	Address   string
	Transport string // tcp+noise or quic
	Relayed   bool
	Inbound   bool
	RTT       time.Duration // 0 when not measured
	Agent     string
}

// Status answers with the node's own word.
func (s *Service) Status(ctx context.Context, _ *nodepb.StatusRequest) (*nodepb.StatusResponse, error) {
	st := s.node.Status(ctx)
	res := &nodepb.StatusResponse{
		Version: st.Version, Home: st.Home, ChainId: st.Head.ChainID, Account: string(st.Account), PeerId: st.PeerID,
		Listen: st.Listen, Roles: st.Roles, Height: st.Handled, ChainHeight: st.Head.Height,
		ChainTime: timestamppb.New(st.Head.Time), Balance: FromAmount(st.Balance), Withdrawable: FromAmount(st.Withdrawable),
		ConnectedPeers: uint32(st.Peers), Started: timestamppb.New(st.Started),
	}
	if !st.HeadHeard.IsZero() {
		res.ChainHeard = timestamppb.New(st.HeadHeard)
	}
	if !st.BalanceHeard.IsZero() {
		res.BalanceHeard = timestamppb.New(st.BalanceHeard)
	}
	res.KeptBytes, res.KeptLimit = st.Kept, st.Quota
	for _, d := range st.Duties {
		res.Duties = append(res.Duties, &nodepb.Duty{
			DealId: uint64(d.Deal), PoolId: uint64(d.Pool), Deadline: timestamppb.New(d.Deadline), WaitsFor: d.WaitsFor,
		})
	}
	res.Health = FromHealth(st.Health)
	return res, nil
}

// Stop has the process end.
func (s *Service) Stop(context.Context, *nodepb.StopRequest) (*nodepb.StopResponse, error) {
	s.node.End()
	return &nodepb.StopResponse{}, nil
}

// FromHealth is health as a message has it.
func FromHealth(list []Health) (out []*nodepb.Health) {
	for _, h := range list {
		out = append(out, &nodepb.Health{Part: h.Part, Ok: h.OK, Message: h.Message})
	}
	return out
}

// Peers lists the peers connected now.
func (s *Service) Peers(ctx context.Context, _ *nodepb.PeersRequest) (*nodepb.PeersResponse, error) {
	res := &nodepb.PeersResponse{}
	for _, p := range s.node.Peers(ctx) {
		res.Peers = append(res.Peers, fromPeer(p))
	}
	return res, nil
}

func fromPeer(p Peer) *nodepb.Peer {
	return &nodepb.Peer{
		PeerId: p.ID, Account: string(p.Account), Address: p.Address, Transport: p.Transport,
		Relayed: p.Relayed, Inbound: p.Inbound, RttUs: p.RTT.Microseconds(), Agent: p.Agent,
	}
}
