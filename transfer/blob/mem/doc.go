// Package mem is a blob store in memory: for tests, and for nodes that serve
// small things for as long as they run. It forgets everything when it is dropped.
package mem
