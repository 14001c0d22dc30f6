// Package bench prints what benchmarks measured, and keeps it as JSON, for the
// benchmarks of the whole: those in this folder, of the chain and the proofs, and
// those in folders below it.
//
// A machine is never the same twice, so a benchmark measures everything it wants
// to compare in one run and in turns, and reports ratios. Time is the processor's,
// of this process, with GOMAXPROCS 1: what other programs do at the same moment
// counts as little as can be. Absolute times are printed beside the ratios so that
// the reader sees what they are ratios of.
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
