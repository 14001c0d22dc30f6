package store

import (
	"context"
	"iter"
)

// Backend is what a kind of state store must be able to do; [New] makes a DB of it.
// It keeps rows, secrets and cursors, and knows nothing of what they mean.
//
// Calls are safe for concurrent use, and reads do not wait for transactions. What a
// call wrote that returned nil is durable.
// Errors wrap pdx.ErrNotFound (no such row, secret or index), ErrFull, ErrReadOnly,
// ErrDamaged, ErrNewer or pdx.ErrUnavailable (try again).
type Backend interface {
	Reader

	// Write runs fn in one transaction over all tables: all that fn wrote is
	// committed if it returns nil, else nothing. Transactions are serializable. A
	// store that meets a conflict runs fn again, so fn must have no other effect. It
	// must not use the Backend but through its argument.
	Write(ctx context.Context, fn func(Writer) error) error

	// Aside returns the newest rows of the quarantine, at most MaxAside, and how
	// many rows it has.
	Aside(ctx context.Context) (newest []Damage, total int, err error)
	// AsideOf returns how many rows of a table are in the quarantine.
	AsideOf(ctx context.Context, table string) (int, error)

	// Sealed returns a sealed secret. Secrets are kept apart from rows: a row never
	// holds one, and an overwritten or deleted one leaves no copy in the live file.
	Sealed(ctx context.Context, name string) ([]byte, error)
	// PutSealed writes a sealed secret, whatever was there.
	PutSealed(ctx context.Context, name string, sealed []byte) error
	// DeleteSealed deletes a sealed secret; a missing one is no error.
	DeleteSealed(ctx context.Context, name string) error
	// SealedNames returns names that begin with prefix in byte order, at most limit
	// of them (0: all).
	SealedNames(ctx context.Context, prefix string, limit int) ([]string, error)

	// Height returns the height of a cursor, 0 for one that is missing or damaged.
	Height(ctx context.Context, cursor string) (int64, error)
	// Advance sets a cursor unless it is as high already.
	Advance(ctx context.Context, cursor string, height int64) error

	// Close closes the store; calls after it fail.
	Close() error
}

// Reader reads rows. What it returns may be damaged: the caller asks Row.Fault.
type Reader interface {
	// Get returns a row.
	Get(ctx context.Context, table, key string) (Row, error)
	// Rows yields the rows that a query selects.
	Rows(ctx context.Context, q Query) iter.Seq2[Row, error]
	// Count returns how many rows a table has.
	Count(ctx context.Context, table string) (int, error)
}

// Writer reads and writes rows within a transaction. What its Get returned does not
// change until the transaction ends but by the transaction itself.
type Writer interface {
	Reader
	// Put writes a row, whatever was there, and its entries in the table's indexes.
	Put(ctx context.Context, r Row) error
	// Delete deletes a row; a missing one is no error.
	Delete(ctx context.Context, table, key string) error
	// SetAside moves a row as it is to the quarantine, from which nothing is
	// deleted; a missing one is no error.
	SetAside(ctx context.Context, d Damage) error
}

// Inspector is the ability to read all rows when the store is opened. Without it
// damage is known once a row is read.
type Inspector interface {
	// Inspect returns the damaged rows.
	Inspect(ctx context.Context) ([]Damage, error)
}

// Snapshotter is the ability to write a consistent copy of everything to a file.
type Snapshotter interface {
	// Snapshot writes the copy to a new file at path (mode 0600), which is a home's
	// database. Readers and writers go on meanwhile. The copy is not synced.
	Snapshot(ctx context.Context, path string) error
}

// Announcer is the ability to report what other processes commit. A store without it
// is used by one process at a time, whose own commits feeds report in any case.
type Announcer interface {
	// Announce calls changed after each foreign commit, until the store is closed, with
	// the rows that were written or deleted, or with all if it cannot say which.
	Announce(changed func(rows []RowName, all bool))
}
