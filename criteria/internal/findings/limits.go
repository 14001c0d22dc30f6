package findings

const (
	// Most bounds the findings that are kept of a record.
	Most = 20
	// MaxPathBytes bounds a finding's path, in bytes: validators send findings to
	// sellers.
	MaxPathBytes = 256
	// maxName is longer than any name in a schema, in bytes: a longer one is not read.
	maxName = 8 << 20
)
