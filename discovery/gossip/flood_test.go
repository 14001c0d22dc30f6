package gossip_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
)

// shortLedger knows deals below 1,000, which are alice's, and answers from no cache.
type shortLedger struct {
	mu    sync.Mutex
	asked []time.Time // about deals that do not exist
}

func (*shortLedger) Known(pdx.PoolID, pdx.DealID, pdx.Address) bool { return false }

func (l *shortLedger) Role(_ context.Context, _ pdx.PoolID, deal pdx.DealID, account pdx.Address, role pdx.Role) gossip.RoleCheck {
	if deal < 1000 {
		if account == alice.Account() && role == pdx.RoleSeller {
			return gossip.Holds
		}
		return gossip.Lacks
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, time.Now())
	return gossip.Unknown
}

func (l *shortLedger) questions() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.asked)
}

// A flooder is one connection that forwards notices of authors that it makes up.
type flooder struct {
	stream network.Stream
	out    *bufio.Writer
	topic  string
}

func newFlooder(t *testing.T, victim peer.ID, connect func() network.Stream) *flooder {
	t.Helper()
	f := &flooder{stream: connect(), topic: "/pdx/" + chain + "/pool/" + pool.String() + "/1"}
	require.Equal(t, victim, f.stream.Conn().RemotePeer())
	f.out = bufio.NewWriter(f.stream)
	f.write(t, &pb.RPC{Subscriptions: []*pb.RPC_SubOpts{{Subscribe: proto.Bool(true), Topicid: &f.topic}}})
	return f
}

func (f *flooder) write(t *testing.T, rpc *pb.RPC) {
	t.Helper()
	body, err := proto.Marshal(rpc)
	require.NoError(t, err)
	_, err = f.out.Write(append(binary.AppendUvarint(nil, uint64(len(body))), body...))
	require.NoError(t, err)
}

// madeUp returns a rightly signed notice of a fresh author about a deal.
func (f *flooder) madeUp(t *testing.T, account identity.Signer, deal uint64) *pb.Message {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	id, err := peer.IDFromPrivateKey(key)
	require.NoError(t, err)
	binding, err := identity.Bind(account, identity.Terms{ChainID: chain, Peer: id}, time.Now())
	require.NoError(t, err)
	data, err := proto.Marshal(&discoverypb.Notice{
		Binding: binding, PoolId: uint64(pool), Sent: time.Now().UnixMilli(),
		Body: &discoverypb.Notice_Holding{Holding: &discoverypb.Holding{DealId: deal, Root: slices.Repeat([]byte{1}, 32)}},
	})
	require.NoError(t, err)
	m := &pb.Message{From: []byte(id), Data: data, Seqno: binary.BigEndian.AppendUint64(nil, deal), Topic: &f.topic}
	raw, err := proto.Marshal(m)
	require.NoError(t, err)
	m.Signature, err = key.Sign(append([]byte("libp2p-pubsub:"), raw...))
	require.NoError(t, err)
	return m
}

// One peer forwards notices of made-up authors about deals that do not exist, while an
// honest seller publishes.
func TestAFloodOfMadeUpAuthorsIsSilenced(t *testing.T) {
	l := &shortLedger{}
	victim, seller, attacker := newHost(t), newHost(t), newHost(t)
	var later atomic.Int64 // how far the victim's clock is ahead
	clock := func(o *gossip.Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	}
	s := join(t, start(t, victim, bob, l, clock), pool)
	honest := join(t, start(t, seller, alice, l, nil), pool)
	connect(t, seller, victim)
	sees(t, s, 1)
	sees(t, honest, 1)
	connect(t, attacker, victim)
	f := newFlooder(t, victim.ID(), func() network.Stream {
		raw, err := attacker.NewStream(t.Context(), victim.ID(), "/meshsub/1.1.0")
		require.NoError(t, err)
		return raw
	})
	account := identitytest.New("a throw-away account")
	began := time.Now()
	const total, notices = 3000, 20
	for i := range uint64(total) {
		f.write(t, &pb.RPC{Publish: []*pb.Message{f.madeUp(t, account, 1_000_000+i)}})
		if i%(total/notices) == 0 {
			require.NoError(t, f.out.Flush())
			deal := pdx.DealID(i/(total/notices) + 1)
			require.NoError(t, honest.Publish(t.Context(), gossip.Offered{Deal: deal}))
			n, heard := within(t, s, 2*time.Second)
			require.True(t, heard, "notice %d", deal)
			require.Equal(t, gossip.Offered{Deal: deal}, n.Body)
		}
	}
	require.NoError(t, f.out.Flush())
	took := time.Since(began).Seconds()
	// Each notice is one question, for which this ledger is asked three times.
	require.LessOrEqual(t, float64(l.questions())/3, 32+2*(took+1))

	silent(t, s) // what is on its way is judged
	asked := l.questions()
	later.Store(int64(30 * time.Second)) // all allowances are full again
	f.write(t, &pb.RPC{Publish: []*pb.Message{f.madeUp(t, account, 2_000_000)}})
	require.NoError(t, f.out.Flush())
	require.NoError(t, honest.Publish(t.Context(), gossip.Offered{Deal: 100}))
	require.Equal(t, gossip.Offered{Deal: 100}, next(t, s).Body)
	silent(t, s)
	require.Equal(t, asked, l.questions(), "a silenced peer causes no question")
}
