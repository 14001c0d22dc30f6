package folder

import (
	"errors"
	"io"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/exchange/folder"
)

// The rules that a folder can break, beside those of its files.
const (
	RuleFolder   = "folder"    // the data is not a folder of files
	RuleFileType = "file-type" // a file has no known format
)

var (
	notFolder   = &format.Defect{Rule: RuleFolder, Reason: "the data is not a folder of files"}
	unknownFile = &format.Defect{Rule: RuleFileType, Reason: "a file has no known format"}
)

// Visitor decides how the files of a folder are read.
type Visitor interface {
	// Begin is called once, with the files in the order of the manifest.
	Begin(files []folder.File)
	// Open returns the records of a file. The error is a *format.Defect: the file is
	// passed over.
	Open(f folder.File, src format.Source) (format.Reader, error)
	// End is called after the last file, if the stream was whole, until it returns io.EOF.
	// Other errors are those of Next.
	End() error
}

// Walk returns the records of all files of a stream, one file after the other.
func Walk(stream format.Source, v Visitor) format.Reader { return &reader{visitor: v, stream: stream} }

// each is the Visitor of a folder whose files have formats of their own.
type each struct {
	format  Format
	options format.Options
}

// Begin implements Visitor.
func (each) Begin([]folder.File) {}

// Open implements Visitor.
func (e each) Open(f folder.File, src format.Source) (format.Reader, error) {
	member, err := e.format.File(f.Path)
	if err != nil {
		return nil, unknownFile
	}
	return member.Read(src, e.options), nil
}

// End implements Visitor.
func (each) End() error { return io.EOF }

// reader reads file after file.
type reader struct {
	visitor Visitor
	stream  format.Source

	files   []folder.File
	next    int           // number of the next file
	at      int64         // offset at which it begins
	file    *file         // the present file; nil before the first
	records format.Reader // of the present file; nil behind its last
	closing bool          // all files are read
	ended   bool
}

// Next implements format.Reader. Data that is not a folder is a defect where that
// shows; whole records before it count.
func (r *reader) Next() ([]byte, error) {
	for !r.ended {
		if r.closing {
			err := r.visitor.End()
			r.ended = errors.Is(err, io.EOF)
			return nil, err
		}
		if r.records != nil {
			raw, err := r.records.Next()
			if !errors.Is(err, io.EOF) {
				return raw, r.settle(err)
			}
			r.records = nil
		}
		if err := r.open(); err != nil {
			return nil, r.settle(err)
		}
	}
	return nil, io.EOF
}

// settle ends the reading where the stream is damaged.
func (r *reader) settle(err error) error {
	if errors.Is(err, folder.ErrFormat) {
		r.ended = true
		return notFolder
	}
	return err
}

// open goes to the next file.
func (r *reader) open() error {
	if err := r.begin(); err != nil {
		return err
	}
	if r.next == len(r.files) {
		r.closing = true
		return r.expectEnd()
	}
	entry := r.files[r.next]
	r.file = newFile(r.stream, r.at, entry)
	r.next, r.at = r.next+1, r.at+r.file.size()
	var err error
	r.records, err = r.visitor.Open(entry, r.file.source())
	return err
}

// begin reads the manifest, or passes the rest of the present file.
func (r *reader) begin() error {
	if r.file != nil {
		return r.file.pass()
	}
	m, err := folder.ReadManifest(r.stream.Reader())
	if err != nil {
		return err
	}
	r.files, r.at = m.Files(), firstFile(m)
	r.visitor.Begin(r.files)
	return nil
}

// expectEnd is nil if nothing comes behind the last file.
func (r *reader) expectEnd() error {
	n, err := r.stream.ReadAt(make([]byte, 1), r.at)
	if n > 0 {
		return folder.ErrFormat
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// firstFile is the offset of the first file in the stream.
func firstFile(m *folder.Manifest) int64 {
	at := m.Size()
	for _, f := range m.Files() {
		at -= f.Size
	}
	return int64(at)
}
