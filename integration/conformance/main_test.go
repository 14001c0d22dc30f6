package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/libp2p/go-libp2p"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/integration/conformance/kit"
)

// TestAPeerOfAnotherKind checks a libp2p peer that serves nothing of pdx: the program says so,
// as text and as JSON, and exits with 1.
func TestAPeerOfAnotherKind(t *testing.T) {
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableMetrics())
	require.NoError(t, err)
	t.Cleanup(func() { _ = h.Close() })
	address := h.Addrs()[0].String() + "/p2p/" + h.ID().String()

	var out bytes.Buffer
	code, err := conform(t.Context(), []string{"--chain-id", "panacea-3", "--only", "channel/", "--json", address}, &out)
	require.NoError(t, err)
	require.Equal(t, deviates, code)
	var results []kit.Result
	require.NoError(t, json.Unmarshal(out.Bytes(), &results))
	outcomes := map[string]kit.Outcome{}
	for _, r := range results {
		require.NotEmpty(t, r.Section)
		require.NotEmpty(t, r.Rule)
		outcomes[r.ID] = r.Outcome
	}
	require.Equal(t, kit.Passed, outcomes["channel/ping"])
	require.Equal(t, kit.Failed, outcomes["channel/protocols"])

	out.Reset()
	code, err = conform(t.Context(), []string{"--chain-id", "panacea-3", "--only", "channel/ping", address}, &out)
	require.NoError(t, err)
	require.Equal(t, conforms, code)
	require.Contains(t, out.String(), "network.md, Measuring a path")
	require.Contains(t, out.String(), "1 passed, 0 failed, 0 skipped")
}

func TestUsage(t *testing.T) {
	const peer = "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWB7isr6Mb6WaeTKpZDkViJxbLepe1Jhd1Wo5cTXh8VeAF"
	for want, args := range map[string][]string{
		"name --chain-id":      {peer},
		"one address":          {"--chain-id", "c"},
		"ends with /p2p/":      {"--chain-id", "c", "/ip4/127.0.0.1/tcp/1"},
		"--public":             {"--chain-id", "c", "--public", "bafy", peer},
		`no check is named "h`: {"--chain-id", "c", "--only", "hullo", peer},
	} {
		code, err := conform(t.Context(), args, new(bytes.Buffer))
		require.ErrorContains(t, err, want)
		require.Equal(t, unusable, code)
	}
	code, err := conform(t.Context(), []string{"--vectors", "/no/such/program"}, new(bytes.Buffer))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Equal(t, unusable, code)
	code, err = conform(t.Context(), []string{"--chain-id", "c", peer}, new(bytes.Buffer))
	require.ErrorContains(t, err, "reach 12D3KooWB7isr6Mb6WaeTKpZDkViJxbLepe1Jhd1Wo5cTXh8VeAF")
	require.Equal(t, unusable, code)
}
