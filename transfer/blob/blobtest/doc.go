// Package blobtest is the suite that every blob store runs: what the contract of
// transfer/blob means, as tests. It also makes blobs to test with.
package blobtest
