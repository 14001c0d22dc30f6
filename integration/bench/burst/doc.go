// Package burst measures how fast one seller's burst of sales goes through real
// processes with production defaults: a chain with blocks of 6 s, a buyer, one
// seller and three validators that must all certify.
//
//	PDX_BIN          a folder with pdx and pdx-localnet to measure; built if not set
//	PDX_BURST        numbers of sales, with commas; 20 if not set
//	PDX_BURST_CUT    when a burst is cut off, 15m if not set
//	PDX_BENCH_JSON   the folder for the table as JSON
//
// A burst is over when the key of its last deal is on chain, which is when the
// seller is paid. Its time runs from the head at which the first sale was ordered
// to the block of the last delivery, in the chain's time.
//
// The ceiling is what the chain and the account allow: each deal is two
// transactions of the seller, the offer and the delivery, and one account gets A
// transactions into a block. A is measured in the same run, before the burst: a
// client of the same kind offers datasets of another account as fast as it can,
// and A is the mean of all blocks but the first and the last. A single deal takes
// four blocks: the offer, the certificates, the block that proves them, and the
// delivery. So N deals take at least ⌈2N/A⌉ + 3 blocks.
package burst
