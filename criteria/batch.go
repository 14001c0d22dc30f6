package criteria

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/accept"
	"github.com/medibloc/pdx/criteria/internal/canonical"
	"github.com/medibloc/pdx/criteria/internal/ordered"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// batch is records that were read together, with what is known of them before they are
// taken one by one, in their order.
type batch struct {
	text  []byte
	keys  []byte
	ends  []int      // of keys
	sums  [][16]byte // of keys, where they are unique
	items []item
	err   error // that follows the items; io.EOF is one
}

// item is a record, or what is wrong in place of it.
type item struct {
	end      int // of its text
	defect   *format.Defect
	accepted bool         // it meets the schema and discloses nothing else
	key      int          // its first key, if it is accepted
	tree     *strict.Tree // of one that is accepted, if the document has rules
}

// raw is the text of an item.
func (b *batch) raw(i int) []byte {
	start := 0
	if i > 0 {
		start = b.items[i-1].end
	}
	return b.text[start:b.items[i].end:b.items[i].end]
}

// keyed is the bytes of a key.
func (b *batch) keyed(i int) []byte {
	start := 0
	if i > 0 {
		start = b.ends[i-1]
	}
	return b.keys[start:b.ends[i]]
}

// records checks up to the greatest number of records, and counts the rest. It
// ends with errBeyond where the bytes do that are allowed.
func (r *run) records(ctx context.Context, src format.Source) error {
	in := r.checker.format.Read(src, format.Options{MaxRecord: r.checker.doc.MaxRecord(), Shape: r.checker.schema.shape})
	workers := r.checker.accepters(max(1, r.checker.opts.workers))
	r.limit = r.maxRecords()
	var free []*batch
	ended := false
	next := func() (*batch, bool) {
		if ended {
			return nil, false
		}
		b := &batch{}
		if n := len(free); n > 0 {
			b, free = free[n-1], free[:n-1]
		}
		b.fill(ctx, in)
		ended = b.err != nil
		return b, true
	}
	work := func(worker int, b *batch) { r.accept(workers[worker], b) }
	err := ordered.Run(len(workers), next, work, func(b *batch) error {
		err := r.takeBatch(ctx, b)
		if cap(b.text) <= 2*batchBytes {
			free = append(free, b)
		}
		return err
	})
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// fill reads the next records.
func (b *batch) fill(ctx context.Context, in format.Reader) {
	*b = batch{text: b.text[:0], keys: b.keys[:0], ends: b.ends[:0], sums: b.sums[:0], items: b.items[:0]}
	for len(b.text) < batchBytes && len(b.items) < batchRecords {
		if b.err = ctx.Err(); b.err != nil {
			return
		}
		raw, err := in.Next()
		var defect *format.Defect
		if err != nil && !errors.As(err, &defect) {
			b.err = err
			return
		}
		if defect == nil {
			b.text = append(b.text, raw...)
		}
		b.items = append(b.items, item{end: len(b.text), defect: defect})
	}
}

// accepter finds the records of batches that need no judge. One goroutine at a time has it.
type accepter struct {
	matcher *accept.Matcher // nil: it finds none
	slots   map[string]int  // of captured members
}

// accepters are as many as work at once.
func (c *Checker) accepters(n int) []*accepter {
	for len(c.idle) < n {
		a := &accepter{slots: c.captured}
		if c.program != nil {
			a.matcher = c.program.Matcher()
		}
		c.idle = append(c.idle, a)
	}
	return c.idle[:n]
}

// accept marks the records of a batch that are accepted.
func (r *run) accept(a *accepter, b *batch) {
	if a.matcher == nil {
		return
	}
	defer func() {
		if thrown := recover(); thrown != nil {
			_ = stopped(thrown) // the judge decides on the rest
		}
	}()
	for i := range b.items {
		if it := &b.items[i]; it.defect == nil {
			it.accepted = r.accepts(a, b, it, b.raw(i))
		}
	}
}

func (r *run) accepts(a *accepter, b *batch, it *item, raw []byte) bool {
	if !isObject(raw) || uint64(len(raw)) < r.checker.doc.RecordBytes.Min || !a.matcher.Accepts(raw) {
		return false
	}
	if r.rules != nil {
		tree, err := strict.Parse(raw)
		if err != nil {
			return false
		}
		it.tree = tree
	}
	it.key = len(b.ends)
	if len(r.unique) == 0 && r.keys != nil {
		b.sums = append(b.sums, [16]byte{})
		return a.addKey(b, raw, r.identity, false)
	}
	for i := range r.unique {
		if !a.addKey(b, raw, r.unique[i].key, true) {
			return false
		}
		digest := blake3.Sum256(b.keyed(len(b.ends) - 1))
		b.sums = append(b.sums, [16]byte(digest[:]))
	}
	return true
}

// isObject reports whether a text can be that of an object and of nothing else.
func isObject(raw []byte) bool {
	s := strict.NewScanner(raw)
	return s.Peek() == '{'
}

// addKey adds the canonical bytes of a key of a record; false: all of its pointers must
// lead somewhere, and one does not.
func (a *accepter) addKey(b *batch, raw []byte, key []fields.Pointer, all bool) (there bool) {
	w, start := (*keyBytes)(&b.keys), len(b.keys)
	defer func() {
		if !there {
			b.keys = b.keys[:start]
		}
	}()
	var tree *strict.Tree
	for _, pointer := range key {
		some := false
		if len(pointer) == 1 {
			if value := a.matcher.Captured(a.slots[pointer[0]]); value != nil {
				some = canonical.WriteText(w, value)
			}
		} else {
			if tree == nil {
				var err error
				if tree, err = strict.Parse(raw); err != nil {
					return false
				}
			}
			some = writeAt(w, pointer, tree.Root())
		}
		if all && !some {
			return false
		}
		b.keys = append(b.keys, bar...)
	}
	b.ends = append(b.ends, len(b.keys))
	return true
}

// keyBytes is a slice that is written to.
type keyBytes []byte

// Write implements io.Writer.
func (k *keyBytes) Write(p []byte) (int, error) {
	*k = append(*k, p...)
	return len(p), nil
}

// takeBatch takes the records of a batch into the report, and returns what follows them.
func (r *run) takeBatch(ctx context.Context, b *batch) error {
	for i := range b.items {
		if err := ctx.Err(); err != nil {
			return err
		}
		it := &b.items[i]
		if it.defect != nil && !it.defect.Record {
			r.find(0, it.defect.Rule)
			continue
		}
		if r.report.Records++; r.report.Records > r.limit {
			continue
		}
		if it.defect != nil {
			r.find(r.report.Records, it.defect.Rule)
			continue
		}
		var err error
		if it.accepted {
			err = r.accepted(ctx, b, it, len(b.raw(i)))
		} else {
			r.found.Begin(r.report.Records)
			err = r.record(ctx, b.raw(i))
			r.take()
		}
		if err != nil {
			return fmt.Errorf("record %d: %w", r.report.Records, err)
		}
	}
	return b.err
}

// accepted takes a record that was accepted, of n bytes: what is left are its keys and rules.
func (r *run) accepted(ctx context.Context, b *batch, it *item, n int) error {
	began := false
	begin := func() {
		if !began {
			began = true
			r.found.Begin(r.report.Records)
		}
	}
	for i := range max(len(r.unique), min(1, len(r.identity))) {
		if i < len(r.unique) && !r.unique[i].insert(b.sums[it.key+i]) {
			begin()
			r.found.Add(fmt.Sprint(ruleUnique, i))
			continue
		}
		if r.keys == nil {
			continue
		}
		_, _ = r.keys.Write(b.keyed(it.key + i))
		if err := r.keys.End(uint8(i)); err != nil {
			return err
		}
	}
	if r.rules != nil {
		begin()
		if err := ruleFault(r.rules.Record(ctx, it.tree.Root(), n, r.found.Add)); err != nil {
			return err
		}
	}
	if began {
		r.take()
	}
	return nil
}
