package transfer

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/mem"
	"github.com/medibloc/pdx/transfer/internal/plan"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// FuzzResponse reads whatever a peer may answer to a request: nothing is stored but
// segments of the blob, and a peer that sent others is named.
func FuzzResponse(f *testing.F) {
	const size = 2*seg + 5
	data := blobtest.Bytes(size, 1)
	head := framedForFuzz(f, &transferpb.Status{Code: transferpb.Code_CODE_OK, Size: size})
	right := append(bytes.Clone(head), blobtest.Slice(f, data, bao.All(size))...)
	f.Add(right)
	f.Add(right[:len(right)-1])
	for _, at := range []int{0, len(head), len(head) + 8, len(right) - 1} {
		wrong := bytes.Clone(right)
		wrong[at] ^= 1
		f.Add(wrong)
	}
	f.Add(framedForFuzz(f, &transferpb.Status{Code: transferpb.Code_CODE_BUSY}))
	f.Fuzz(func(t *testing.T, in []byte) {
		store := mem.New()
		part, err := store.Partial(t.Context(), blobtest.Root(data), size)
		require.NoError(t, err)
		defer part.Close()
		client := &Client{
			store: store, log: slog.New(slog.DiscardHandler), metrics: NewMetrics(nil),
			activities: activity.NewLog(), limits: defaultClientLimits(),
		}
		seen := client.activities.Begin(activity.Pulling, pdx.ContentID{}, size)
		p := newPull(client, blobtest.Root(data), size, part, func(uint64, uint64) {}, seen)
		p.cancel = func() {}
		p.intake.Start()
		s := newSource(p, "peer")
		p.roster.sources[s.peer], s.status = s, sourceStatus{running: true, stop: func() {}}
		w := &worker{source: s}
		r := &response{
			worker: w, pull: p, ctx: t.Context(),
			stream: deadStream{}, in: newReader(bytesReader(in)), jobs: []*plan.Job{p.plan.Take(w)},
		}
		answerErr := r.answer(r.jobs[0], nil)
		p.intake.Stop()
		require.NoError(t, p.failed)
		require.LessOrEqual(t, part.Written(), uint64(size))
		require.Equal(t, answerErr == nil && len(p.roster.liars()) == 0, p.plan.Completed())
		if p.plan.Completed() {
			_, err = part.Commit(t.Context())
			require.NoError(t, err)
			blobtest.RequireWhole(t, store, data)
		}
	})
}
