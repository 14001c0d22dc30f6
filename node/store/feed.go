package store

import (
	"slices"
	"sync"

	"github.com/medibloc/pdx/internal/notify"
)

// A Feed collects the names of the rows of some tables that were changed since the feed was
// made. It reports each commit at least once, after the commit; several changes of one row
// that wait are reported as one. It does not contain the new rows: the reader reads them
// from the store. Make a Feed with DB.Watch and close it.
type Feed struct {
	// Changed is set when Take has something.
	Changed notify.Signal

	db     *DB
	tables []string

	mu   sync.Mutex
	rows map[RowName]struct{}
	all  bool
}

// Watch returns a feed of tables; of all if none is named.
func (db *DB) Watch(tables ...string) *Feed {
	f := &Feed{Changed: notify.New(), db: db, tables: tables, rows: map[RowName]struct{}{}}
	db.feeds.mu.Lock()
	defer db.feeds.mu.Unlock()
	if db.feeds.open == nil {
		db.feeds.open = map[*Feed]struct{}{}
	}
	db.feeds.open[f] = struct{}{}
	return f
}

// Close ends the feed.
func (f *Feed) Close() {
	f.db.feeds.mu.Lock()
	defer f.db.feeds.mu.Unlock()
	delete(f.db.feeds.open, f)
}

// Take returns the rows that were changed since the last Take, in no order. If all is
// true any row may have been: more than MaxFeed waited, or the store cannot say.
func (f *Feed) Take() (rows []RowName, all bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name := range f.rows {
		rows = append(rows, name)
	}
	all = f.all
	f.rows, f.all = map[RowName]struct{}{}, false
	return rows, all
}

// feeds are the open feeds of a DB.
type feeds struct {
	mu   sync.Mutex
	open map[*Feed]struct{}
}

// publish reports a commit.
func (s *feeds) publish(rows []RowName, all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.open {
		f.add(rows, all)
	}
}

func (f *Feed) add(rows []RowName, all bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = f.all || all
	news := all
	for _, name := range rows {
		if len(f.tables) == 0 || slices.Contains(f.tables, name.Table) {
			f.rows[name], news = struct{}{}, true
		}
	}
	if len(f.rows) > MaxFeed {
		f.all = true
	}
	if f.all {
		clear(f.rows)
	}
	if news {
		f.Changed.Set()
	}
}
