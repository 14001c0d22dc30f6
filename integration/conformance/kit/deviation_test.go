package kit_test

import (
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/integration/conformance/kit"
)

// fault is the one way in which a peer deviates from docs/spec.
type fault struct {
	sameChallenge, anyAudience, anyExpiry, anySignature, namesItself, otherCode bool // hello
	anyFrame, knownFieldsOnly                                                   bool // frames
	anyRanges, wrongByte, wrongSize, surplus, cutShort                          bool // blob
	rootsTwice, anySize                                                         bool // blobs
	measuresAll, takesAll, acceptsAll                                           bool // perf, ack, validate

	more int // bytes that the peer's blob has more; no fault
}

// bodies reports whether the fault shows in what is sent of blobs, over two protocols.
func (f fault) bodies() bool { return f.wrongByte || f.wrongSize || f.surplus || f.cutShort }

// deviations are peers that break one rule each, and all the checks that must fail for it.
var deviations = map[string]struct {
	fault  fault
	caught []string
}{
	"uses a challenge again":       {fault{sameChallenge: true}, []string{"hello/challenge"}},
	"takes bindings for others":    {fault{anyAudience: true}, []string{"hello/audience", "hello/everybody"}},
	"takes bindings of any expiry": {fault{anyExpiry: true}, []string{"hello/expired", "hello/lasting"}},
	"takes an upper half of s":     {fault{anySignature: true}, []string{"hello/high-s"}},
	"names itself to strangers":    {fault{namesItself: true}, []string{"hello/stranger"}},
	"resets without a code": {fault{otherCode: true}, []string{
		"hello/audience", "hello/everybody", "hello/nonce", "hello/no-nonce", "hello/expired", "hello/lasting", "hello/chain", "hello/peer",
		"hello/account", "hello/signature", "hello/high-s", "hello/long", "hello/varint", "hello/short-challenge", "hello/garbage",
	}},
	"reads frames of any length": {fault{anyFrame: true}, []string{"hello/varint", "blob/long", "blob/varint", "blobs/long"}},
	"refuses unknown fields":     {fault{knownFieldsOnly: true}, []string{"blob/unknown-field"}},
	"takes ranges in any order":  {fault{anyRanges: true}, []string{"blob/overlap", "blob/order"}},
	"sends a wrong byte":         {fault{wrongByte: true}, []string{"body/slice", "body/pipeline", "blobs/public"}},
	"sends a wrong size":         {fault{wrongSize: true}, []string{"body/slice", "body/pipeline", "blobs/public"}},
	"sends a byte too many":      {fault{surplus: true}, []string{"body/slice", "body/pipeline", "blobs/public"}},
	"ends a slice early":         {fault{cutShort: true}, []string{"body/slice", "body/pipeline", "blobs/public"}},
	"sends a root twice":         {fault{rootsTwice: true}, []string{"blobs/twice"}},
	"sends big blobs among many": {fault{anySize: true, more: 100_000}, []string{"blobs/public"}},
	"measures with strangers":    {fault{measuresAll: true}, []string{"perf/stranger"}},
	"takes anybody's voucher":    {fault{takesAll: true}, []string{"ack/unknown", "ack/stranger"}},
	"accepts any dataset":        {fault{acceptsAll: true}, []string{"validate/unknown", "validate/stranger"}},
}

// TestDeviationsAreCaught checks peers that deviate in one way each: exactly the checks about
// that fail.
func TestDeviationsAreCaught(t *testing.T) {
	for name, d := range deviations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			group := ""
			if !d.fault.anyFrame && !d.fault.bodies() {
				group, _, _ = strings.Cut(d.caught[0], "/")
			}
			require.ElementsMatch(t, d.caught, failures(t, newPeer(t, d.fault), group))
		})
	}
}

// TestAConformingPeerPasses checks the same peer without a fault, with a small blob and a larger one.
func TestAConformingPeerPasses(t *testing.T) {
	for _, more := range []int{0, 200_000} {
		require.Empty(t, failures(t, newPeer(t, fault{more: more}), ""))
	}
}

// failures returns the checks that a peer fails, of all whose ids begin with only. Of the DHT
// and slow ones are skipped, no other.
func failures(t *testing.T, p *testPeer, only string) (failed []string) {
	t.Helper()
	results, err := kit.Run(t.Context(), kit.Target{
		ChainID: chainID, Peer: peer.AddrInfo{ID: p.host.ID(), Addrs: p.host.Addrs()}, Public: p.root, Only: only,
	})
	require.NoError(t, err)
	for _, r := range results {
		switch r.Outcome {
		case kit.Failed:
			t.Log(r.ID, r.Reason)
			failed = append(failed, r.ID)
		case kit.Skipped:
			require.True(t, r.ID == "hello/silence" || strings.HasPrefix(r.ID, "dht/"), r.ID)
		}
	}
	return failed
}

// TestAnAddressWithoutANode names the peer that cannot be reached.
func TestAnAddressWithoutANode(t *testing.T) {
	p := newPeer(t, fault{})
	gone := peer.AddrInfo{ID: p.host.ID(), Addrs: p.host.Addrs()}
	require.NoError(t, p.host.Close())
	_, err := kit.Run(t.Context(), kit.Target{ChainID: chainID, Peer: gone})
	require.ErrorContains(t, err, gone.ID.String())
}
