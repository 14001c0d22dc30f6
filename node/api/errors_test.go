package api_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// failing answers every GetPool with its error, or panics.
type failing struct {
	nodepbconnect.UnimplementedNodeServiceHandler
	err error
}

func (f failing) GetPool(context.Context, *nodepb.GetPoolRequest) (*nodepb.GetPoolResponse, error) {
	if f.err == nil {
		panic("broken handler")
	}
	return nil, f.err
}

func serve(t *testing.T, handler nodepbconnect.NodeServiceHandler) (api.Client, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	server, err := api.NewServer(api.ServerConfig{Socket: path, Handler: handler})
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	return api.NewClient(path), path
}

func TestErrorsKeepTheirMeaning(t *testing.T) {
	for _, sentinel := range []error{
		pdx.ErrInvalid, pdx.ErrNotFound, pdx.ErrRefused, pdx.ErrWrongState, pdx.ErrNoFunds, pdx.ErrCorrupt, pdx.ErrUnavailable,
	} {
		t.Run(sentinel.Error(), func(t *testing.T) {
			client, _ := serve(t, failing{err: fmt.Errorf("pool 7: %w: the way out", sentinel)})
			_, err := client.GetPool(t.Context(), &nodepb.GetPoolRequest{Id: 7})
			require.ErrorIs(t, err, sentinel)
			require.ErrorContains(t, err, "pool 7")
			require.ErrorContains(t, err, "the way out")
		})
	}
}

func TestOtherErrorsStayErrors(t *testing.T) {
	client, _ := serve(t, failing{err: errors.New("something else")})
	_, err := client.GetPool(t.Context(), &nodepb.GetPoolRequest{})
	require.ErrorContains(t, err, "something else")
}

func TestAPanicEndsOneCallOnly(t *testing.T) {
	client, _ := serve(t, failing{})
	for range 2 {
		_, err := client.GetPool(t.Context(), &nodepb.GetPoolRequest{})
		require.ErrorContains(t, err, "the node failed on this request")
	}
}

func TestNoDaemon(t *testing.T) {
	_, err := api.NewClient(filepath.Join(t.TempDir(), "none")).Status(t.Context(), &nodepb.StatusRequest{})
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorContains(t, err, "pdx daemon")
}

func TestSocketOfAKilledProcessIsReplacedAndALivingOneIsNot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	left.SetUnlinkOnClose(false) // as kill -9 leaves it
	require.NoError(t, left.Close())

	first, err := api.NewServer(api.ServerConfig{Socket: path, Handler: failing{}})
	require.NoError(t, err)
	require.NoError(t, first.Start(t.Context()))
	defer first.Stop(context.Background())

	second, err := api.NewServer(api.ServerConfig{Socket: path, Handler: failing{}})
	require.NoError(t, err)
	require.ErrorIs(t, second.Start(t.Context()), pdx.ErrWrongState)
}

func TestSocketPathTooLong(t *testing.T) {
	_, err := api.NewServer(api.ServerConfig{Socket: "/" + strings.Repeat("x", 200), Handler: failing{}})
	require.ErrorIs(t, err, pdx.ErrInvalid)
}
