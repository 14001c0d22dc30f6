package mem_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

func newBackend(_ *testing.T, o blob.Origin) blob.Backend { return mem.New(mem.WithOrigin(o)) }

func TestContract(t *testing.T) { blobtest.Run(t, newBackend) }

func TestFallbacks(t *testing.T) { blobtest.RunFallbacks(t, newBackend) }

func TestTooLargeForMemory(t *testing.T) {
	_, err := mem.New().Partial(t.Context(), blobtest.Root([]byte("x")), mem.MaxSize+1)
	require.ErrorIs(t, err, blob.ErrNoSpace)
}
