// Package store remembers what a node must not forget: documents, secrets and
// how far it has followed the chain.
//
// It is not for blobs (transfer/blob), for personal records, or for what the ledger knows:
// a node reads that from the ledger again.
//
//	db, err := sqlite.Open(ctx, "/home/me/.pdx/node.db", schema)
//	sales := store.NewTable[model.Sale](db, "sales")
//	key, err := store.UnlockKey("/home/me/.pdx/storage.key", passphrase)
//	secrets, err := store.OpenSecrets(ctx, db, key)
//
// A [Table] holds JSON documents of one type under string keys. Rows are found by key, or
// by a field that the [Schema] declares; [DB.Change] is one transaction over several
// tables; [Table.PutIf] writes only over the version that was read. [Secrets] holds byte
// strings, each sealed with XChaCha20-Poly1305 under the storage key, with the row's name
// as associated data, so that rows cannot be exchanged. The storage key is in a file of its
// own, encrypted to a passphrase by age.
//
// A new kind of store implements [Backend], which both a SQL server and SQLite can do, and
// passes the suite of package storetest. Package sqlite is the only kind at present.
//
// At present one process opens a state, and each role writes its own rows. The roles
// therefore rely neither on versions ([DB.Change], [Table.PutIf]) nor on the feed of
// changes ([DB.Watch]): these are the contract for a state that several machines share.
//
// Damage: each row has a checksum. A row that fails it, or does not parse, is named in
// [DB.Damaged] and left out of lists; every other row is read as before. Whoever owns the
// row decides what happens to it: [DB.SetAside] moves it to the quarantine.
//
// Everything is safe for concurrent use. The function given to [DB.Change] or
// [Table.Update] runs inside the write transaction: it must be quick, and must not use the
// DB itself, which would wait for the transaction and so for ever.
package store
