package parquet

// The bounds of a file, which are those of docs/spec/parquet.md: they keep what the library
// takes of memory and time in proportion, and are checked before it sees a byte.
const (
	// maxFooter bounds the metadata: 1,000 row groups of 100 columns have some 10 MB.
	maxFooter = 16 << 20
	// maxColumns and maxDepth bound the schema.
	maxColumns = 2048
	maxDepth   = 32
	// maxPage bounds a page before compression; writers make pages of 1 MiB.
	maxPage = 64 << 20
	// maxOpenPages bounds the largest pages and the dictionaries of all columns together.
	maxOpenPages = 256 << 20
	// maxPageValues bounds the values of a page, of which runs of nulls take no space.
	maxPageValues = 4 << 20
	// maxPageHeader bounds the header of a page, which may hold two values.
	maxPageHeader = 1 << 20
	// baseRows and rowsPerByte bound the rows: a run of equal ones takes no space.
	baseRows    = 1 << 20
	rowsPerByte = 8
	// maxDecimal bounds a decimal of bytes: 2^(8×64) has 155 digits.
	maxDecimal = 64
	maxDigits  = 155
	// maxFixed bounds values of a fixed size.
	maxFixed = 1 << 20

	// firstHeader is how much is read for a page's header at first.
	firstHeader = 4 << 10
	// rowBatch rows are read at once.
	rowBatch = 64
	// groupRows and groupBytes end a row group of a projection.
	groupRows  = 100_000
	groupBytes = 32 << 20
)
