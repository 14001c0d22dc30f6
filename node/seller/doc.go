// Package seller is the role of an account that sells data: it keeps a register
// of files and folders, and takes each sale from a person's order to the money.
//
// It is not a server: ciphertext is served by package transfer, which asks
// [Service.MayPull]; validators are asked over an interface. It holds no keys of
// accounts: whoever implements [Wallet] does.
//
// # A sale
//
// A sale is a row in a table and one goroutine that advances it:
//
//	projecting  the disclosed fields of the file are copied into a private file
//	            of this node, checked against the pool's criteria and sealed, in
//	            one pass, unless the preview of the sale did just that
//	sealing     when it may be offered, the ciphertext becomes a blob; if it is
//	            not here any more, a nonce is chosen and stored and the copy sealed
//	offering    the dataset is fixed and on its way to the chain
//	offered     the accepted validators are asked until the chain has k certificates
//	certified   the buyer may pull; its ack is awaited, on chain or by voucher
//	acked       the key is delivered, encrypted to the buyer
//	delivered   until the end of the dispute time
//	final       paid: the price is credited on chain
//
// and it can end as lapsed, unacked, undelivered or fraud, which the chain says,
// or failed, before anything was offered.
//
// Advancing is level-triggered: each step reads the sale from the table and the
// deal from the ledger and does the one thing that is missing. Events and timers
// only wake it. So a crash between any two instructions costs time and nothing
// else; what makes that true is the order in which things are written down:
//
//   - the nonce before the blob. A sealing that was cut short is never
//     resumed: the next one has a new nonce, and its cut-off bytes are no blob.
//   - the dataset before the offer. The ledger is asked for the root before and
//     after each try, so that one sale makes one deal.
//   - the delivery before its broadcast, so that a second try sends the same.
//
// A buyer's voucher is an ack off chain ([Service.TakeSignedAck]). It is written down
// before the buyer hears that it was taken, and delivered on only while a quarter
// is left of its time and of the time for the ack: whoever shows a delivery has
// shown the key. In a pool of ack mode quorum the chain acknowledges by itself
// what validators promised; the seller sends a transaction only where it is late.
//
// The key is delivered, on an ack or a voucher, only if the deal is proven
// ([Prover]) to be on the terms that the seller saw when it ordered (buyer, key,
// price, criteria) and to wait for just that, and while at least a quarter of the
// time for it is left: a buyer who reads a delivery in the mempool and has it
// dropped must not gain by it.
//
// # Secrets and files
//
// All dataset keys come from one seed, kept in [Secrets]. M and r never leave
// package seal but to a validator that the seller accepted. Registered files
// stay where they are and must not change while they are on sale; copies of what
// was disclosed stay in the node's folder, mode 0600, for the seller to read.
// Large ones are not sealed into a second copy: the store keeps the tree, and
// [Service.Ciphertext] seals again what is pulled. A file disclosed to its last
// byte is not copied at all. A folder is such a file, or many of them: it is sealed
// as the stream of exchange/folder, and looked at file by file. If either changes, nothing is served that is not
// what was certified, the sale says so, and goes on when it is put back.
//
// A Service is safe for concurrent use. Sizes are bytes, amounts umed.
package seller
