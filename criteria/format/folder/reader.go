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

// reader reads file after file.
type reader struct {
	format  Format
	stream  format.Source
	options format.Options

	files   []folder.File
	next    int           // number of the next file
	at      int64         // offset at which it begins
	file    *file         // the present file; nil before the first
	records format.Reader // of the present file; nil behind its last
	ended   bool
}

// Next implements format.Reader. Data that is not a folder is a defect where that
// shows; whole records before it count.
func (r *reader) Next() ([]byte, error) {
	for !r.ended {
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
		r.ended = true
		return r.expectEnd()
	}
	entry := r.files[r.next]
	r.file = newFile(r.stream, r.at, entry)
	r.next, r.at = r.next+1, r.at+r.file.size()
	member, err := r.format.File(entry.Path)
	if err != nil {
		return unknownFile
	}
	r.records = member.Read(r.file.source(), r.options)
	return nil
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
