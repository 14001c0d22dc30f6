// Package version explains why two nodes have no version of a protocol in common.
//
// A protocol of pdx is named /pdx/<chain id>/<what>/<version>. When a peer speaks none
// of the protocols for which a stream is opened, libp2p's error names neither the peer
// nor the protocols that it does speak. [Host] wraps a host so that NewStream returns
// an [*UnsupportedError], which has the versions of both nodes and says which of them
// must be upgraded. docs/spec/README.md has the rule by which versions change.
package version

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multistream"
)

// Host returns h with a NewStream that passes its errors to Explain. All other methods
// are those of h.
func Host(h host.Host) host.Host { return explaining{h} }

type explaining struct{ host.Host }

// NewStream opens a stream as the host below does.
func (h explaining) NewStream(ctx context.Context, to peer.ID, ids ...protocol.ID) (network.Stream, error) {
	s, err := h.Host.NewStream(ctx, to, ids...)
	if err == nil {
		return s, nil
	}
	theirs, _ := h.Peerstore().GetProtocols(to) // what is not known explains nothing
	return nil, Explain(err, to, ids, theirs)
}

// Explain returns an [*UnsupportedError] in place of libp2p's error for a peer that
// speaks none of ours, which are names of one pdx protocol, and every other error
// unchanged. theirs are all protocols that the peer is known to speak.
func Explain(err error, id peer.ID, ours, theirs []protocol.ID) error {
	var refused multistream.ErrNotSupported[protocol.ID]
	if !errors.As(err, &refused) || len(ours) == 0 || parse(ours[0]) == (name{}) {
		return err
	}
	return &UnsupportedError{Peer: id, Ours: ours, Theirs: slices.Clone(theirs), err: err}
}

// An UnsupportedError says that a peer speaks no version of a protocol that this
// node speaks. It wraps the error of the negotiation.
type UnsupportedError struct {
	Peer   peer.ID
	Ours   []protocol.ID // the names that were tried, all of one protocol
	Theirs []protocol.ID // everything that the peer is known to speak
	err    error
}

// Error names the peer, the protocol, the versions of both nodes, and what to do.
func (e *UnsupportedError) Error() string {
	mine := parse(e.Ours[0])
	ours, theirs, on := versions(e.Ours, mine), versions(e.Theirs, mine), chains(e.Theirs)
	they := "no version"
	if len(theirs) > 0 {
		they = "version " + strings.Join(theirs, ", ")
	}
	var cure string
	switch {
	case len(theirs) > 0 && compare(theirs[0], ours[0]) > 0:
		cure = "upgrade this node"
	case len(theirs) > 0:
		cure = "the peer's node must be upgraded"
	case len(on) == 0:
		cure = "it is not a pdx node, or it is stopping; check its address"
	case !slices.Contains(on, mine.chain):
		cure = fmt.Sprintf("it is on chain %s, this node on %s; compare chain.id of both nodes", strings.Join(on, ", "), mine.chain)
	default:
		cure = "it must be upgraded, or does not play the role that answers this protocol"
	}
	return fmt.Sprintf("peer %s speaks %s of %s, this node version %s: %s", e.Peer, they, mine.what, strings.Join(ours, ", "), cure)
}

// Unwrap returns the error of the negotiation.
func (e *UnsupportedError) Unwrap() error { return e.err }

// name is a protocol's name in its parts; all are empty for a foreign protocol.
type name struct{ chain, what, version string }

// form is that of docs/spec. What a peer claims to speak is foreign text, which
// ends in logs and on terminals: nothing of another form is repeated.
var form = regexp.MustCompile(`^/pdx/([a-zA-Z0-9._-]{1,50})/([a-z0-9/]{1,40})/([0-9]{1,9}(?:\.[0-9]{1,9}){0,2})$`)

func parse(id protocol.ID) name {
	if parts := form.FindStringSubmatch(string(id)); parts != nil {
		return name{parts[1], parts[2], parts[3]}
	}
	return name{}
}

// maxNamed bounds the versions and the chains of a peer that an error names.
const maxNamed = 8

// versions returns the versions of one protocol of one chain, the newest first.
func versions(ids []protocol.ID, of name) (found []string) {
	for _, id := range ids {
		if n := parse(id); n.chain == of.chain && n.what == of.what {
			found = append(found, n.version)
		}
	}
	slices.SortFunc(found, func(a, b string) int { return compare(b, a) })
	return bounded(found)
}

// chains returns the chains whose protocols a peer speaks, sorted.
func chains(ids []protocol.ID) (found []string) {
	for _, id := range ids {
		if n := parse(id); n.chain != "" {
			found = append(found, n.chain)
		}
	}
	slices.Sort(found)
	return bounded(found)
}

func bounded(sorted []string) []string {
	all := slices.Compact(sorted)
	return all[:min(len(all), maxNamed)]
}

// compare orders versions by their numbers: 2 before 10, 1.0.0 before 1.1.0.
func compare(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(x, y string) int {
		m, _ := strconv.Atoi(x) // digits, by form
		n, _ := strconv.Atoi(y)
		return cmp.Compare(m, n)
	})
}
