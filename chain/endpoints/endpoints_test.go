package endpoints_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/endpoints"
)

func TestRead(t *testing.T) {
	home := t.TempDir()
	_, err := endpoints.Read(home)
	require.ErrorIs(t, err, os.ErrNotExist)

	file := filepath.Join(home, endpoints.File)
	require.NoError(t, os.WriteFile(file, []byte(`{"chain_id": "c", "grpc": "127.0.0.1:1`), 0o600))
	_, err = endpoints.Read(home)
	require.ErrorContains(t, err, file)

	require.NoError(t, os.WriteFile(file, []byte(
		`{"chain_id": "c", "grpc": "127.0.0.1:1", "rpc": "http://127.0.0.1:2", "rest": "http://127.0.0.1:3", "home": "/h", "pid": 7,
		"trust": {"height": 1, "hash": "AB"}}`), 0o600))
	got, err := endpoints.Read(home)
	require.NoError(t, err)
	require.Equal(t, endpoints.Endpoints{
		ChainID: "c", GRPC: "127.0.0.1:1", RPC: "http://127.0.0.1:2", REST: "http://127.0.0.1:3", Home: "/h", PID: 7,
		Trust: endpoints.Trust{Height: 1, Hash: "AB"},
	}, got)
}
