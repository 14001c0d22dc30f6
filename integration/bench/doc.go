// Package bench prints what benchmarks measured, and keeps it as JSON, for the
// benchmarks of the whole: those in this folder, of the chain and the proofs, and
// those in folders below it.
//
// Two runs on one machine are never alike, so a benchmark measures everything that it
// compares in one run, alternating, and reports ratios. Time is processor time of this
// process with GOMAXPROCS 1, on which other programs have the least influence. Absolute
// times are printed beside the ratios for orientation.
//
// A Table goes to standard output and, as <name>.json, into the folder of
// PDX_BENCH_JSON (bin/bench when make bench runs it), with what it ran on.
//
//	PDX_BENCH_JSON   the folder for the JSON files; none are written without it
//	PDX_BENCH_DEALS  how many stored deals BenchmarkHistory goes up to
//
// The package itself knows nothing of the exchange; nothing in it is safe for
// concurrent use.
package bench
