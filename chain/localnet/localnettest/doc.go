// Package localnettest gives a test a chain of its own: a real one, in this
// process, with fast blocks and accounts that have money.
//
//	chain := localnettest.Start(t, localnettest.WithAccounts("seller", "buyer"))
//	buyer := chain.Account("buyer") // address, mnemonic, a key in chain.Keyring
//
// A start takes about a third of a second. Every chain has its own home, ports
// and keys, so tests may run several, one after another or side by side. The
// chain is stopped when the test ends, and a test fails when its chain died.
// Amounts are in umed.
package localnettest
