package format

import (
	"context"
	"fmt"
	"io"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/exchange/folder"
)

// ErrData: data cannot be read as records of its format.
var ErrData = fmt.Errorf("data: %w", pdx.ErrInvalid)

// Format is a media type as a value. Its methods keep no state and may be called
// from many goroutines. A format is a [File] or a [Folder].
type Format interface {
	// MediaType names the format in criteria documents, pools and data.
	MediaType() string
	// Extensions end the names of files of this format: lower case, with the dot,
	// the one that is written first.
	Extensions() []string
	// Read reads the records of src in their order.
	Read(src Source, o Options) Reader
}

// File is a format of single files.
type File interface {
	Format
	// Project copies src to dst, with the selected part of each record. Projecting
	// the result again changes nothing. The error is ErrData, naming the record and
	// what is wrong with it, ctx's, or that of src or dst.
	Project(ctx context.Context, dst io.Writer, src Source, keep fields.Selection) (Projection, error)
	// Counter counts the records of one file, which passes through it.
	Counter() Counter
}

// Binary is a File that is no text, so that Sniff has nothing to say about it.
type Binary interface {
	File
	// Binary says what it is.
	Binary() string
}

// Fragile is a File that a library reads which was not built for hostile bytes. It is
// read at offsets, in a child process only, and by a process of its own for each file.
type Fragile interface {
	File
	// Fragile says why.
	Fragile() string
}

// AtOffsets reports whether data of a format may have to be read backward: a Stream will not do.
func AtOffsets(f Format) bool {
	_, folder := f.(Folder) // its files are of any format
	_, fragile := f.(Fragile)
	return folder || fragile
}

// Flowing is a File whose data need not be there when the reading begins: it reads from
// front to back, and finds the end by reading, not by Source.Size. What a projection
// writes is checked as it is written, so that data are read once.
type Flowing interface {
	File
	Flows()
}

// Flows reports whether data of a format can be read as a Flow.
func Flows(f Format) bool {
	_, flowing := f.(Flowing)
	return flowing && !AtOffsets(f)
}

// Folder is a format of folders, whose stream is that of exchange/folder. Its
// datasets are projected and counted file by file.
type Folder interface {
	Format
	// File returns the format of a file in the folder by its path. The error is
	// pdx.ErrInvalid and names the file.
	File(path string) (File, error)
}

// Demanding is a format that cannot do without some fields of its records.
type Demanding interface {
	Format
	// Demands are the JSON pointers that the criteria must require.
	Demands() []string
}

// Described is a Folder in which one file describes all others.
type Described interface {
	Folder
	// Description is the path of that file. A folder that has it is of this format.
	Description() string
	// Compare compares the description with the files of the folder and the BLAKE3 digests
	// of their content. The error is ErrData and names what differs first, or that of src.
	Compare(src Source, files []folder.File, digests [][32]byte) error
}

// Recognizer is a File that is told by its content from another, whose names it shares.
type Recognizer interface {
	File
	// Recognizes reports whether a file that is f by its name is of this format by its
	// first bytes.
	Recognizes(f File, head []byte) bool
}

// Splitter is a File whose projection leaves out the records that Selection.Resources does
// not have.
type Splitter interface {
	File
	Splits()
}

// Options say how records are read.
type Options struct {
	// MaxRecord is the greatest size, in bytes, of the JSON text that Next returns. A
	// format that makes this text specifies its spelling, for sizes depend on it. What is
	// no record, such as the header of a table, has a limit of its own.
	MaxRecord uint64
	// FailFast ends the reading where a record is too long, instead of skipping the
	// rest of it, which may be the rest of a large file: for an owner of data, who
	// is told of the first defect only.
	FailFast bool
	// Shape says what the schema of the records says of their types; nil says nothing.
	Shape *Shape
}

// Reader yields records one at a time.
type Reader interface {
	// Next returns the JSON text of the next record, valid until the following
	// call and not yet known to be JSON, or io.EOF after the last. A *Defect says
	// what is wrong in place of a record; reading goes on after it. Other errors are
	// those of the source.
	Next() ([]byte, error)
}

// Note is what was accepted of data although its projection will not have it.
type Note string

// The notes. Both are of tables.
const (
	NoteMark Note = "byte_order_mark" // the file begins with one, as Excel writes it
	NoteCRLF Note = "crlf"            // lines end with a carriage return and a line feed
)

// Notes are all notes.
var Notes = []Note{NoteMark, NoteCRLF}

// Noter is a Reader that has notes of what it has read.
type Noter interface {
	Reader
	Notes() []Note
}

// Projection is what Project wrote.
type Projection struct {
	Records, Bytes uint64
}

// Counter counts the records of a file that is being written. It is given all
// bytes in their order.
type Counter interface {
	io.Writer
	// Records returns the number of records when all bytes were written; src has
	// the same bytes. It is 0 when records cannot be told apart. The error is
	// ctx's or that of src.
	Records(ctx context.Context, src Source) (uint64, error)
}
