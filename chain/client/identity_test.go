package client_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/client/clienttest"
)

// identityMemory is a home's row about its chain.
type identityMemory struct{ raw []byte }

func (m *identityMemory) Load(context.Context) ([]byte, error) {
	if m.raw == nil {
		return nil, pdx.ErrNotFound
	}
	return m.raw, nil
}

func (m *identityMemory) Save(_ context.Context, raw []byte) error {
	m.raw = bytes.Clone(raw)
	return nil
}

// A chain that was deleted and started anew has the old name and is another one: nothing is
// read from it, not even over gRPC alone.
func TestChainThatWasStartedAnewIsNoticed(t *testing.T) {
	memory := &identityMemory{}
	use := func(c *chain) *client.Client {
		cfg := c.config(clienttest.Names()[0])
		cfg.Identity = memory
		return dial(t, cfg)
	}
	old := newChain(t)
	before := use(old)
	_, err := before.Validators(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, memory.raw)
	old.Restart(t) // the same chain
	for {
		if _, err = before.Head(t.Context()); err == nil {
			break
		}
		require.ErrorIs(t, err, pdx.ErrUnavailable)
	}
	_, err = use(old).Validators(t.Context())
	require.NoError(t, err)

	anew := newChain(t)
	require.Equal(t, old.ChainID(), anew.ChainID())
	other := use(anew)
	was := bytes.Clone(memory.raw)
	for range 2 {
		_, err = other.Validators(t.Context())
		require.ErrorIs(t, err, client.ErrOtherChain)
		_, err = other.Head(t.Context())
		require.ErrorIs(t, err, client.ErrOtherChain)
		require.ErrorContains(t, err, "pdx init --home")
		require.Equal(t, was, memory.raw, "what is known of the former chain stays")
	}
}
