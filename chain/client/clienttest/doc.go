// Package clienttest is a ledger for tests: the module's own keeper over a chain
// in memory, seen through the same client.Ledger that a node has, and the
// contract suite that it and the real client run.
//
//	world := clienttest.NewWorld()
//	buyer := world.Fund(clienttest.Account("buyer"), 1_000_000)
//	id, err := buyer.CreatePool(ctx, pool)
//
// A World makes a block for each transaction, so that a transaction returns as
// soon as it was sent. After Hold it makes blocks only when told to, and
// transactions wait for them. Time moves with blocks alone, one second each
// unless told otherwise. There are no fees and no signatures; all else, from
// states and deadlines to what an error means, is as on the real chain, with the
// deadlines of datapooltest.
//
// A World is safe for concurrent use, starts no goroutine, and works inside
// testing/synctest.
package clienttest
