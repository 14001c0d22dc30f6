package adversary

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/endpoints"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/store/storetest"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// Party is a peer with an account on the chain, which signs whatever its test
// wants, and a store from which it serves everybody.
type Party struct {
	*Peer
	*client.Client
	keys  *keys.Keys
	ends  endpoints.Endpoints
	store blob.Store
}

// NewKeys returns the keys of a new account, which has no money.
func NewKeys(t testing.TB) *keys.Keys {
	t.Helper()
	secrets := &storetest.Secrets{}
	require.NoError(t, keys.Create(t.Context(), secrets, ""))
	k, err := keys.Load(t.Context(), secrets)
	require.NoError(t, err)
	return k
}

// NewParty returns a party with an account on a chain, connected and running.
func NewParty(t testing.TB, ends endpoints.Endpoints, k *keys.Keys) *Party {
	t.Helper()
	p := &Party{Peer: New(t, ends.ChainID, k), keys: k, ends: ends, store: mem.New()}
	var err error
	p.Client, err = client.New(client.Config{
		ChainID: ends.ChainID, GRPC: ends.GRPC, RPC: ends.RPC,
		Keyring: k.Keyring(), KeyName: keys.Name, Poll: poll,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Client.Close() })
	everybody := func(context.Context, peer.ID, pdx.ContentID) error { return nil }
	server, err := transfer.NewServer(p.Host, ends.ChainID, p.store, transfer.AuthorizerFunc(everybody))
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Stop(ctx)
	})
	return p
}

// Serve adds a blob to the party's store.
func (p *Party) Serve(content []byte) {
	p.t.Helper()
	w, err := p.store.Create(p.t.Context())
	require.NoError(p.t, err)
	_, err = io.Copy(w, bytes.NewReader(content))
	require.NoError(p.t, err)
	_, err = w.Commit(p.t.Context())
	require.NoError(p.t, err)
}

// Slice pulls a ciphertext and returns the slice of segment i, as evidence of a complaint.
func (p *Party) Slice(from peer.ID, ds pdx.Dataset, i uint64) []byte {
	p.t.Helper()
	pull, err := transfer.NewClient(transfer.ClientConfig{Host: p.Host, ChainID: p.ends.ChainID, Store: p.store})
	require.NoError(p.t, err)
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	require.NoError(p.t, pull.Pull(ctx, from, ds.Root, ds.Size, nil))
	blob, err := p.store.Open(ctx, ds.Root)
	require.NoError(p.t, err)
	defer blob.Close()
	var slice bytes.Buffer
	require.NoError(p.t, blob.WriteSlice(&slice, bao.Range{First: i, Count: 1}))
	return slice.Bytes()
}

// Contact returns the party's peer id and addresses.
func (p *Party) Contact() (peerID string, addresses []string) {
	for _, a := range p.Host.Addrs() {
		addresses = append(addresses, a.String())
	}
	return p.Host.ID().String(), addresses
}
