package buyer

import (
	"context"
	"sync"
	"time"

	"github.com/medibloc/pdx"
)

// heads remember the last block for a moment: many deals that wait look at it at
// the same time.
type heads struct {
	ledger Ledger

	mu   sync.Mutex
	head pdx.Head
	read time.Time // when; only its monotonic reading counts
}

// last is the last block, or the one of headAge ago.
func (h *heads) last(ctx context.Context) (pdx.Head, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.read.IsZero() && time.Since(h.read) < headAge {
		return h.head, nil
	}
	head, err := h.ledger.Head(ctx)
	if err == nil {
		h.head, h.read = head, time.Now()
	}
	return head, err
}
