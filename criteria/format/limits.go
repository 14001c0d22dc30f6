package format

const (
	// MaxRecordBytes bounds the text of one record, which is held in memory: 16 MiB.
	// criteria derives the number from the memory that a check takes.
	MaxRecordBytes = 16 << 20
	// countedRecord is how much of a record is held while it is only counted: enough
	// for the header of a table.
	countedRecord = 64 << 10
	// maxPreview bounds what Preview reads: the manifest of a folder has up to 16
	// MiB, and a record that is shown is small.
	maxPreview = 32 << 20
)
