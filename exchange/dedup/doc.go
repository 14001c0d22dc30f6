// Package dedup recognises records that were sold before, without telling anybody but a
// pool's validators which records a dataset has.
//
// A pool has a tag Key, which its buyer seals to each validator. Under it, a Collector makes
// a Fingerprint of each key of each record. A Set is a dataset's fingerprints, sorted and
// each once: it does not depend on the order of the records, on fields that are not part of
// a key, or on the sealing. Its Tag is a hash of all of them, and Seal makes a blob of them
// that only a holder of the tag key can read: two validators that checked the same records
// make the same blob, byte by byte. An Overlap compares a set with sealed sets of other
// datasets, one segment at a time.
//
// The bytes are in docs/spec/duplicates.md. The package stores and sends nothing. A Key may
// be used from many goroutines; Collector, Reader and Overlap may not.
package dedup
