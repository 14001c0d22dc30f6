package consent

// MaxBytes bounds a document: the terms and fields of a deal are within one transaction, and
// a receipt of at most 4 MiB may be embedded.
const MaxBytes = 8 << 20
