// Package sqlite keeps a node's state in one SQLite file that survives kill -9.
//
//	db, err := sqlite.Open(ctx, "/home/me/.pdx/node.db", nil)
//
// Durability: the journal is a write-ahead log with synchronous=FULL, so a call
// that returned nil is on disk. The schema carries a version and is migrated
// forward at Open; a file from a newer program is refused untouched.
//
// Damage: Open reads every row; a file whose pages are damaged is store.ErrDamaged
// as a whole.
//
// Indexes lie in a table of their own, which triggers keep in step with the rows,
// also those that an older program writes. Open compares both and mends the index.
//
// There is one writer at a time; readers do not wait for it. One process may have
// the file open; the lock on its home sees to that.
package sqlite
