package transfer

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// follow pulls and returns what was read meanwhile.
func (s *swarm) follow(t *testing.T, from Sources) (read []byte, failed, err error) {
	t.Helper()
	_, err = s.pull.Follow(t.Context(), from, s.id, uint64(len(s.data)), nil, func(r io.Reader) { read, failed = io.ReadAll(r) })
	return read, failed, err
}

// What is pulled is read from its beginning, whatever of it was there before.
func TestFollow(t *testing.T) {
	for _, before := range []bao.Ranges{nil, {{First: 0, Count: 3}}, {{First: 50, Count: 20}}, {{First: 0, Count: 100}}} {
		s := newSwarm(t, 100, small)
		part, err := s.store.Partial(t.Context(), s.id, uint64(len(s.data)))
		require.NoError(t, err)
		for _, run := range before {
			blobtest.Put(t, part, s.data, run)
		}
		require.NoError(t, part.Checkpoint(t.Context()))
		require.NoError(t, part.Close())
		read, failed, err := s.follow(t, From(s.honest(t), s.honest(t)))
		require.NoError(t, err)
		require.NoError(t, failed)
		require.True(t, bytes.Equal(s.data, read))
		read, failed, err = s.follow(t, From(s.honest(t))) // it is whole
		require.NoError(t, err)
		require.NoError(t, failed)
		require.True(t, bytes.Equal(s.data, read))
	}
}

// The first segments are read while the last are not there yet: the source sends no more
// until they were.
func TestFollowReadsBeforeTheEnd(t *testing.T) {
	s := newSwarm(t, 20, once)
	begun := make(chan struct{})
	from := s.bad(t, func(st network.Stream, q *transferpb.Request) {
		answer := honest(t, s.data, q)
		sent := 0
		if first := q.GetRanges()[0]; first.GetFirst() == 0 {
			sent = len(answer)
			if first.GetCount() > 1 { // all but the end of its last segment
				sent--
			}
		}
		_, _ = st.Write(answer[:sent])
		select {
		case <-begun:
			_, _ = st.Write(answer[sent:])
		case <-t.Context().Done():
		}
	})
	var read bytes.Buffer
	_, err := s.pull.Follow(t.Context(), From(from), s.id, uint64(len(s.data)), nil, func(r io.Reader) {
		_, err := io.CopyN(&read, r, seg)
		close(begun)
		if err == nil {
			_, _ = io.Copy(&read, r)
		}
	})
	require.NoError(t, err)
	require.True(t, bytes.Equal(s.data, read.Bytes()))
}

// Who reads hears that a pull failed, and one who reads no more ends nothing.
func TestFollowFails(t *testing.T) {
	s := newSwarm(t, 30, once)
	s.pull.store = failing{s.store}
	_, failed, err := s.follow(t, From(s.honest(t)))
	require.ErrorIs(t, err, blob.ErrNoSpace)
	require.ErrorIs(t, failed, blob.ErrNoSpace)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.pull.Follow(ended, From(), s.id, uint64(len(s.data)), nil, func(r io.Reader) { _, failed = io.ReadAll(r) })
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, failed, context.Canceled)
	_, err = s.pull.Follow(t.Context(), From(), pdx.ContentID{1}, 5, nil, func(io.Reader) {})
	require.Error(t, err)
	s.pull.store = s.store
	_, err = s.pull.Follow(t.Context(), From(s.honest(t)), s.id, uint64(len(s.data)), nil, func(io.Reader) {})
	require.NoError(t, err)
	blobtest.RequireWhole(t, s.store, s.data)
}
