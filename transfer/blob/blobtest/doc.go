// Package blobtest is the suite that every blob store passes: the contract of
// transfer/blob as tests. [Run] takes a store as it is; [RunReopened] closes a store that
// outlives its process and opens it again; [RunFallbacks] hides a store's abilities, so
// that the fall-backs are held to the same contract. It also makes blobs to test with.
package blobtest
