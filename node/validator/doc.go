// Package validator is the validator's role: it checks datasets that were
// offered to pools that trust this account, and certifies them on chain.
//
// It is not the wire protocol by which a seller asks (node/validation hands
// requests in), nor the transfer of blobs (a Fetcher), nor what makes data good
// (criteria).
//
// # Flow
//
// A request is one seller's wish that one deal be checked; [Service.Validate]
// takes it all the way:
//
//	ask      the deal is OFFERED, names this validator, and the asker is its seller
//	open     M belongs to S (dleq-v1 in this deal's context); the box opens
//	queue    wait for one of a few workers
//	pull     the ciphertext from the asker, the criteria from the pool's buyer
//	check    decrypt as a stream into the field check and the criteria
//	record   verdict, findings and report hash, before anything is sent
//	certify  on chain; a ciphertext that was promised stays until the deal ends
//
// Every step reads what is already true and goes on from there: a deal that
// carries this validator's certificate is answered from it, a recorded verdict
// is certified without checking again.
//
// # Whose fault
//
// A verdict of reject is a statement on chain against the seller, so only what
// the seller signed or sealed can cause it: a false opening, a box or a segment
// that does not open, a commitment that does not hold, fields without consent,
// records that break the criteria. Everything else (nobody answers, the disk
// is full, the criteria cannot be had or do not parse) ends without a verdict. Before
// a ciphertext is blamed, the stored bytes are hashed again: if they are not
// what the deal names, this machine lost them, and they are fetched anew.
// [Retry] reports whether asking again may help.
//
// # Duties from draws
//
// The chain counts a deal for which this validator was drawn against it, if it
// lapses without its verdict. So the service follows such deals by itself, and
// gives a verdict a little before the deadline: the one that it reached, or that
// the dataset was unavailable, where others did not serve what the check needs.
// See [Service.Duties].
//
// # What is kept
//
// M and plaintext live in memory only and for one validation. On disk are the
// ciphertext, as a blob, and one [Record] for each deal.
//
// # Concurrency, memory
//
// A Service is safe for concurrent use. Requests wait in a bounded queue, with a
// bound for each asker, for a bounded number of workers; a request that cannot
// be served does not hold a worker. Memory for one validation does not grow
// with the dataset: a few segments and one record. Sizes are in bytes, heights
// in blocks.
package validator
