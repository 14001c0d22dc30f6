package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGRPCAddresses(t *testing.T) {
	for _, ok := range []string{"127.0.0.1:9090", "[::1]:9090", "https://grpc.example.org:443", "http://localhost:9090"} {
		require.NoError(t, checkGRPC(ok), ok)
	}
	for _, bad := range []string{"127.0.0.1:9090/path", "https://grpc.example.org:443/x"} {
		require.ErrorContains(t, checkGRPC(bad), "has no path", bad)
	}
	require.ErrorContains(t, checkGRPC("grpc://localhost:9090"), `no scheme "grpc"`)
	for _, bad := range []string{"localhost", "host:name", "host:70000", "grpc://localhost:9090", ":9090"} {
		require.Error(t, checkGRPC(bad), bad)
	}
}
