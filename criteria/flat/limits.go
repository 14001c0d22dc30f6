package flat

const (
	// MaxColumns bounds the columns of a CSV file: those of a sheet of Excel.
	MaxColumns = 16_384
	// MaxParquetColumns bounds those of a Parquet file, as package parquet reads them.
	MaxParquetColumns = 2_048
	// MaxNameBytes bounds the names of all columns together, as members are written in JSON
	// pointers: the header of a table.
	MaxNameBytes = 1 << 20

	// groupRows and groupBytes end a row group of a Parquet file.
	groupRows  = 100_000
	groupBytes = 32 << 20
	// pageBytes is the size of a page: each column has one in memory, 128 MiB for the most.
	pageBytes = 64 << 10
)
