package gossip

import (
	"context"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pubsubpb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
)

const (
	chain  = "pdx-test-1"
	pool   = pdx.PoolID(7)
	author = peer.ID("the author's peer id")
)

var (
	now   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	alice = identitytest.New("alice")
)

// roles are the results that a test gives; what it does not name is Unknown.
type roles map[pdx.Role]RoleCheck

func (r roles) Role(_ context.Context, p pdx.PoolID, _ pdx.DealID, account pdx.Address, role pdx.Role) RoleCheck {
	if p != pool || account != alice.Account() {
		return Lacks
	}
	return r[role]
}

func (roles) Known(pdx.PoolID, pdx.DealID, pdx.Address) bool { return false }

func newJudge(t testing.TB, r Roles) *judge {
	clock := func() time.Time { return now }
	conduct, err := newConduct("self", func(peer.ID) netip.Prefix { return netip.Prefix{} }, clock, nil)
	require.NoError(t, err)
	return &judge{chainID: chain, roles: r, now: clock, log: slog.New(slog.DiscardHandler), authors: newAuthors(), conduct: conduct}
}

// honest returns what alice would say, as a message of the mesh, changed by a test.
func honest(t testing.TB, body Body, change func(*discoverypb.Notice)) *pubsub.Message {
	b, err := identity.Bind(alice, identity.Terms{ChainID: chain, Peer: author}, now)
	require.NoError(t, err)
	payload, err := encode(pool, body, b, now)
	require.NoError(t, err)
	if change != nil {
		var n discoverypb.Notice
		require.NoError(t, proto.Unmarshal(payload, &n))
		change(&n)
		payload, err = proto.Marshal(&n)
		require.NoError(t, err)
	}
	return message(author, payload)
}

func message(from peer.ID, payload []byte) *pubsub.Message {
	return &pubsub.Message{Message: &pubsubpb.Message{From: []byte(from), Data: payload}}
}

func seller() roles {
	return roles{pdx.RoleSeller: Holds, pdx.RoleValidator: Lacks, pdx.RoleBuyer: Lacks}
}

func TestHonestNotices(t *testing.T) {
	all := roles{pdx.RoleSeller: Holds, pdx.RoleValidator: Holds}
	for _, body := range []Body{Offered{Deal: 3}, Availability{Queue: 2, Capacity: 4}, Holding{Deal: 3, Root: pdx.ContentID{1}}} {
		m := honest(t, body, nil)
		require.LessOrEqual(t, len(m.GetData()), maxNotice)
		require.Equal(t, pubsub.ValidationAccept, newJudge(t, all).validator(pool)(t.Context(), "someone", m))
		require.Equal(t, Notice{Pool: pool, Author: alice.Account(), Peer: author, Sent: now, Body: body}, local(m.ValidatorData.(Notice)))
	}
}

func local(n Notice) Notice {
	n.Sent = n.Sent.UTC()
	return n
}

func TestVerdicts(t *testing.T) {
	const reject, ignore = pubsub.ValidationReject, pubsub.ValidationIgnore
	resign := func(change func(*identity.Terms), at time.Time) func(*discoverypb.Notice) {
		return func(n *discoverypb.Notice) {
			terms := identity.Terms{ChainID: chain, Peer: author}
			change(&terms)
			n.Binding, _ = identity.Bind(alice, terms, at)
		}
	}
	same := func(*identity.Terms) {}
	holding := Holding{Deal: 1, Root: pdx.ContentID{1}}
	cases := map[string]struct {
		roles  Roles
		body   Body
		change func(*discoverypb.Notice)
		want   pubsub.ValidationResult
	}{
		"another pool":     {change: func(n *discoverypb.Notice) { n.PoolId = 8 }, want: reject},
		"no body":          {change: func(n *discoverypb.Notice) { n.Body = nil }, want: reject},
		"deal 0":           {change: func(n *discoverypb.Notice) { n.GetOffered().DealId = 0 }, want: reject},
		"short root":       {body: holding, change: func(n *discoverypb.Notice) { n.GetHolding().Root = []byte{1} }, want: reject},
		"no binding":       {change: func(n *discoverypb.Notice) { n.Binding = nil }, want: reject},
		"forged binding":   {change: func(n *discoverypb.Notice) { n.Binding.Signature[3] ^= 1 }, want: reject},
		"another account":  {change: func(n *discoverypb.Notice) { n.Binding.Account = string(identitytest.New("bob").Account()) }, want: reject},
		"another's peer":   {change: resign(func(w *identity.Terms) { w.Peer = "else" }, now), want: reject},
		"another chain":    {change: resign(func(w *identity.Terms) { w.ChainID = "else-1" }, now), want: reject},
		"for one reader":   {change: resign(func(w *identity.Terms) { w.Audience = "else" }, now), want: reject},
		"bound for years":  {change: resign(same, now.Add(1000*time.Hour)), want: reject},
		"too large":        {change: func(n *discoverypb.Notice) { n.Binding.Nonce = make([]byte, maxNotice) }, want: reject},
		"wrong role":       {roles: roles{pdx.RoleSeller: Lacks}, want: reject},
		"no holder":        {roles: roles{pdx.RoleSeller: Lacks, pdx.RoleValidator: Lacks, pdx.RoleBuyer: Lacks}, body: holding, want: reject},
		"binding expired":  {change: resign(same, now.Add(-identity.Lifetime)), want: ignore},
		"role not known":   {roles: roles{}, want: ignore},
		"perhaps a holder": {roles: roles{pdx.RoleSeller: Lacks, pdx.RoleBuyer: Lacks}, body: holding, want: ignore},
		"stale":            {change: func(n *discoverypb.Notice) { n.Sent = now.Add(-maxAge - time.Millisecond).UnixMilli() }, want: ignore},
		"of the future":    {change: func(n *discoverypb.Notice) { n.Sent = now.Add(maxSkew + time.Millisecond).UnixMilli() }, want: ignore},
		"of no time":       {change: func(n *discoverypb.Notice) { n.Sent = -1 << 63 }, want: ignore},
		"as it should be":  {want: pubsub.ValidationAccept},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.roles == nil {
				c.roles = seller()
			}
			if c.body == nil {
				c.body = Offered{Deal: 3}
			}
			m := honest(t, c.body, c.change)
			require.Equal(t, c.want, newJudge(t, c.roles).validator(pool)(t.Context(), "someone", m))
		})
	}
}

func TestTalkativeAuthorsAreIgnored(t *testing.T) {
	validate := newJudge(t, seller()).validator(pool)
	m := honest(t, Offered{Deal: 3}, nil)
	for range int(authorNotices.Burst) {
		require.Equal(t, pubsub.ValidationAccept, validate(t.Context(), "someone", m))
	}
	require.Equal(t, pubsub.ValidationIgnore, validate(t.Context(), "someone", m))
	other := message("another author", m.GetData()) // has an allowance of its own, but not this binding
	require.Equal(t, pubsub.ValidationReject, validate(t.Context(), "someone", other))
}

type panicking struct{}

func (panicking) Known(pdx.PoolID, pdx.DealID, pdx.Address) bool { return true }

func (panicking) Role(context.Context, pdx.PoolID, pdx.DealID, pdx.Address, pdx.Role) RoleCheck {
	panic("no ledger")
}

func TestAPanicBlamesNobody(t *testing.T) {
	validate := newJudge(t, panicking{}).validator(pool)
	require.Equal(t, pubsub.ValidationIgnore, validate(t.Context(), "someone", honest(t, Offered{Deal: 3}, nil)))
}

func FuzzNotice(f *testing.F) {
	for _, body := range []Body{Offered{Deal: 3}, Availability{Queue: 2}, Holding{Deal: 3, Root: pdx.ContentID{1}}} {
		f.Add(honest(f, body, nil).GetData())
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		m := message(author, payload)
		if newJudge(t, seller()).validator(pool)(t.Context(), "someone", m) != pubsub.ValidationAccept {
			return
		}
		n := m.ValidatorData.(Notice)
		require.Equal(t, alice.Account(), n.Author, "nobody else signs here")
		require.Equal(t, pool, n.Pool)
		require.NoError(t, n.Body.check())
	})
}
