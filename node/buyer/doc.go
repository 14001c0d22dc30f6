// Package buyer is the buyer's role: it opens pools, pulls the datasets that
// were certified for them, acknowledges them, and decrypts what was delivered
// into a folder.
//
// It is not the transfer of blobs (a Fetcher), nor the search for peers (a
// Finder), nor the chain (Ledger, Pools): it says when each is used.
//
// # Pools
//
// [Service.CreatePool] makes a key b for the pool and stores it sealed before
// anything is sent: money that goes into escrow under a key that is lost buys
// nothing. Key and pool hang on the caller's request id, so a crash between
// sending and hearing the answer leads back to the same pool.
//
// # Deals
//
// An [Order] says that a deal, or all deals of a pool, shall be pulled into a
// folder. Each deal then goes its way:
//
//	certified → pulling → held → acked → delivered → opened → final
//
// or ends as lapsed, unacked, undelivered, fraud or failed; paused waits for
// something on this machine. The machine is level-triggered: every step reads
// the deal from the ledger, the blob store and its own record, does what is
// missing, and can be repeated. Events only make it hurry.
//
// Small deals of one seller that wait to be pulled at the same time come in a batch
// (batch.go), without a round trip or a sync for each. It brings ciphertexts only:
// each deal's own step finds its ciphertext, or pulls it by itself where the batch
// did not bring it.
//
// An ack is a promise to pay for the key, so it is given only for a ciphertext
// that is held completely and verified against the deal's root. It is a [Voucher]
// first, handed to the seller off chain; where that does not bring the key soon,
// the ack goes to the chain. Acks go there in batches; a refused batch is halved
// until the deal that does not fit stands alone.
//
// Plaintext is written to a temporary file in the order's folder and gets its
// name (deal-<id>/records.<ext>) only when every segment, the size and the
// plaintext commitment hold; a folder of files is built beside and becomes
// deal-<id>/records in the same way. A manifest lies beside it. Nothing that is there
// already is ever overwritten.
//
// # Disputes
//
// A delivered dataset that does not open is disputed: [Evidence] says what is
// wrong, and is on disk before anything else happens. The complaint is made of
// it, judged as the chain will, and sent until the deal is a fraud. That it is
// sent is on disk before, so that a crash pays for no second one. What no
// complaint can show fails the deal, as does the end of the dispute; ciphertext
// and key stay then.
//
// The chain takes complaints for a limited time after the delivery. So there are
// two classes of work: delivered deals are opened in one of their own, those whose
// dispute ends first before others, whatever is pulled meanwhile; and a dataset
// is decrypted even where the records cannot be written.
//
// # Keys
//
// b is destroyed when the pool takes no more offers and each of its deals has
// ended, with every paid one opened here.
//
// # Concurrency, units
//
// A Service is safe for concurrent use. A bounded number of deals is worked on
// at once, as many batches are pulled beside them, one of a seller, and one source
// that stalls holds up its own deals for a bounded time only. Sizes are in bytes.
package buyer
