// Package demo sells real data end to end on one machine and shows what
// happened. It uses the product as a person would: processes, homes, the local
// API and the chain; nothing in it is simulated but the people in the records.
package demo
