package table

const (
	// MaxColumns bounds the columns of a table: those of a sheet of Excel.
	MaxColumns = 16_384
	// MaxHeaderBytes bounds the header, in bytes of its text: 64 for each column.
	MaxHeaderBytes = 1 << 20
)
