package format

// MaxRecordBytes bounds the text of one record, which is held in memory: 16 MiB.
// criteria derives the number from the memory that a check takes.
const MaxRecordBytes = 16 << 20
