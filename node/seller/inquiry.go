package seller

import (
	"cmp"
	"container/heap"
	"context"
	"time"
)

// inquiry is one question to one validator: to check the dataset of one sale. It
// is asked until its verdict is on chain or its sale drops it.
type inquiry struct {
	worker *worker
	asking *asking         // waits for its end
	ctx    context.Context // ends when the asking ends
	queue  *askQueue
	sale   Sale      // its deal and dataset stay as they are
	by     time.Time // deadline for certificates

	tries   int       // failures in a row that concern this deal only
	due     time.Time // not before
	epoch   int       // of the pace when it was asked last
	settled bool      // the verdict is reached and waits for a block: it holds no slot
	began   bool      // work on the deal began
	told    bool      // a verdict that waits for a block was told
	dropped bool      // not to be asked again

	in *inquiries // where it waits; nil while it is in flight or over
	at int        // its index there
}

// inquiries is a heap of inquiries that wait.
type inquiries struct {
	list   []*inquiry
	before func(a, b *inquiry) bool
}

// mostUrgent puts the deal first whose time for certificates ends first.
func mostUrgent(a, b *inquiry) bool {
	return cmp.Or(a.by.Compare(b.by), cmp.Compare(a.sale.Deal, b.sale.Deal)) < 0
}

// dueFirst puts the inquiry first that may be asked first.
func dueFirst(a, b *inquiry) bool { return a.due.Before(b.due) }

// Len implements heap.Interface.
func (h *inquiries) Len() int { return len(h.list) }

// Less implements heap.Interface.
func (h *inquiries) Less(i, j int) bool { return h.before(h.list[i], h.list[j]) }

// Swap implements heap.Interface.
func (h *inquiries) Swap(i, j int) {
	h.list[i], h.list[j] = h.list[j], h.list[i]
	h.list[i].at, h.list[j].at = i, j
}

// Push implements heap.Interface.
func (h *inquiries) Push(x any) {
	in := x.(*inquiry)
	in.in, in.at = h, len(h.list)
	h.list = append(h.list, in)
}

// Pop implements heap.Interface.
func (h *inquiries) Pop() any {
	last := len(h.list) - 1
	in := h.list[last]
	h.list[last] = nil
	h.list = h.list[:last]
	in.in = nil
	return in
}

func (h *inquiries) first() *inquiry {
	if len(h.list) == 0 {
		return nil
	}
	return h.list[0]
}

// leave takes an inquiry out of the heap in which it waits.
func (in *inquiry) leave() {
	if in.in != nil {
		heap.Remove(in.in, in.at)
	}
}
