package doctor_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/doctor"
)

// of are the findings about a part.
func of(list []api.Health, part string) (found []api.Health) {
	for _, h := range list {
		if h.Part == part {
			found = append(found, h)
		}
	}
	return found
}

func TestHomeNamesWhatIsWrong(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "home")
	list, _, usable := doctor.Home(folder)
	require.False(t, usable)
	require.Len(t, list, 1)
	require.Contains(t, list[0].Message, "pdx init")

	require.NoError(t, os.Mkdir(folder, 0o700))
	require.NoError(t, config.Default(folder).Save())
	list, cfg, usable := doctor.Home(folder)
	require.True(t, usable)
	require.Equal(t, folder, cfg.Home)
	require.Len(t, of(list, "trust"), 1)
	require.True(t, of(list, "configuration")[0].OK)
	require.True(t, of(list, "files")[0].OK)

	require.NoError(t, config.Set(folder, "chain.trust.none", "true"))
	require.NoError(t, os.Chmod(config.File(folder), 0o644))
	list, _, _ = doctor.Home(folder)
	require.Empty(t, of(list, "trust"))
	require.False(t, of(list, "files")[0].OK)
	require.Contains(t, of(list, "files")[0].Message, "chmod 600")

	require.NoError(t, os.WriteFile(config.File(folder), []byte("chain: {pol: 1s}\n"), 0o600))
	list, _, usable = doctor.Home(folder)
	require.False(t, usable)
	require.Contains(t, of(list, "configuration")[0].Message, "chain.poll")
}

func TestStoppedNamesPortsInUseAndChainsThatAreAway(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer tcp.Close()
	_, port, err := net.SplitHostPort(tcp.Addr().String())
	require.NoError(t, err)
	cfg := config.Default(t.TempDir())
	cfg.P2P.Listen = []string{"/ip4/127.0.0.1/tcp/" + port, "/ip4/127.0.0.1/tcp/0"}
	cfg.Chain.GRPC, cfg.Chain.RPC = "127.0.0.1:1", "http://127.0.0.1:1"
	cfg.Chain.Endpoints = []string{"127.0.0.1:2 http://127.0.0.1:2"}
	list := doctor.Stopped(t.Context(), cfg)
	ports := of(list, "port")
	require.Len(t, ports, 2, "one for TCP and one for QUIC")
	require.False(t, ports[0].OK)
	require.Contains(t, ports[0].Message, port)
	chains := of(list, "chain")
	require.Len(t, chains, 2)
	require.Contains(t, chains[1].Message, "127.0.0.1:2")
	require.False(t, chains[0].OK || chains[1].OK)
	require.Empty(t, of(list, "clock"), "no block, no clock")
}
