// Package store remembers what a node must not forget: documents, secrets and
// how far it has followed the chain, in one SQLite file that survives kill -9.
//
// It is not a place for blobs (transfer/blob), for records of people or for
// anything that the ledger already knows: the ledger is read again.
//
//	db, err := store.Open(ctx, "/home/me/.pdx/node.db")
//	sales := store.NewTable[seller.Sale](db, "sales")
//	key, err := store.UnlockKey("/home/me/.pdx/storage.key", passphrase)
//	secrets, err := store.OpenSecrets(ctx, db, key)
//
// A [Table] holds JSON documents of one type under string keys. [Secrets] holds
// byte strings, each sealed with XChaCha20-Poly1305 under the storage key with
// the row's name as associated data, so that rows cannot be swapped. The
// storage key lies in a file of its own, encrypted by age to a passphrase.
//
// Durability: the journal is a write-ahead log with synchronous=FULL, so a call
// that returned nil is on disk. The schema carries a version and is migrated
// forward at Open; a file from a newer program is refused untouched.
//
// Damage: each row carries a checksum. A row that fails it, or does not parse, is
// named and left out of lists, and every other row is read as before; see
// [DB.Damaged]. What becomes of it is its owner's decision: [DB.SetAside] moves it
// to the quarantine. A file whose pages are damaged is ErrDamaged as a whole.
//
// Concurrency: everything is safe for concurrent use. There is one writer at a
// time; readers do not wait for it. The function given to [Table.Update] runs
// inside the write transaction: it must be quick and must not write to the
// same DB, which would wait for itself.
package store
