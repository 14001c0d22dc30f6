// Package packed reads files that are compressed with gzip or zstd as what is in them.
//
// Compression is a matter of the owner of a file alone: what is judged, sealed and sold is
// the content. So validators never unpack what a stranger packed, a pool gets the same
// records from every seller, and a bomb can only hurt who has it. docs/adr/0073 has the
// reasons.
//
// Members of gzip and frames of zstd that follow each other are read as one, as their
// standards want. Anything else behind them is refused, and so is what is cut off or has
// a wrong checksum. limits.go bounds the output and the memory.
package packed
