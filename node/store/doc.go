// Package store remembers what a node must not forget: documents, secrets and
// how far it has followed the chain.
//
// It is not for blobs (transfer/blob), for records of people or for anything that the
// ledger already knows: the ledger is read again.
//
//	db, err := sqlite.Open(ctx, "/home/me/.pdx/node.db", schema)
//	sales := store.NewTable[model.Sale](db, "sales")
//	key, err := store.UnlockKey("/home/me/.pdx/storage.key", passphrase)
//	secrets, err := store.OpenSecrets(ctx, db, key)
//
// A [Table] holds JSON documents of one type under string keys. Rows are found by
// key, or by a field that the [Schema] declares; [DB.Change] is one transaction over
// several tables; [Table.PutIf] writes only over the version that was read.
// [Secrets] holds byte strings, each sealed with XChaCha20-Poly1305 under the storage
// key with the row's name as associated data, so that rows cannot be swapped. The
// storage key lies in a file of its own, encrypted by age to a passphrase.
//
// A new kind of store implements [Backend], which both a SQL server and SQLite can do,
// and passes package storetest. Package sqlite is the one that there is.
//
// One process has a state open today, and each role writes its own rows, so the roles
// rely neither on versions ([DB.Change], PutIf) nor on the feed of changes: these are
// the contract for a state that several machines share.
//
// Damage: each row carries a checksum. A row that fails it, or does not parse, is
// named and left out of lists, and every other row is read as before; see
// [DB.Damaged]. What becomes of it is its owner's decision: [DB.SetAside] moves it
// to the quarantine.
//
// Everything is safe for concurrent use. The function given to [DB.Change] or
// [Table.Update] runs inside the write transaction: it must be quick and must not
// use the same DB, which would wait for itself.
package store
