// Package flat makes plain files of records: rows of any format as NDJSON, and NDJSON as
// tables, CSV or Parquet, with a column for each value that is no object.
//
// docs/spec/formats.md, section "Plain files", has the rules: names and types of columns,
// and what a cell holds. It parses foreign bytes, so it runs in a child process.
package flat
