package durable

// Space is what the file system of a folder has left for this process.
type Space struct {
	Bytes uint64
	// Inodes is how many more files it takes; only if Counted, because some file systems
	// have no such limit.
	Inodes  uint64
	Counted bool
}
