package sidecar

import (
	"errors"
	"io"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/folder"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	stream "github.com/medibloc/pdx/exchange/folder"
)

const (
	// MediaType names the format.
	MediaType = "application/vnd.pdx.files"
	// Name is the path of the description.
	Name = "files.ndjson"
)

// Format is a folder of any files with a description.
type Format struct{}

var (
	_ format.Described = Format{}
	_ format.Demanding = Format{}
)

// MediaType implements format.Format.
func (Format) MediaType() string { return MediaType }

// Extensions implements format.Format. The stream is written as one file only when it is no
// folder after all.
func (Format) Extensions() []string { return []string{".folder"} }

// File implements format.Folder: the description is NDJSON, and any other file has no
// records.
func (Format) File(path string) (format.File, error) {
	if path == Name {
		return ndjson.Format{}, nil
	}
	return Opaque{}, nil
}

// Description implements format.Described.
func (Format) Description() string { return Name }

// Demands implements format.Demanding: without these fields nobody could compare the files.
func (Format) Demands() []string { return []string{"/path", "/size", "/blake3"} }

// Read implements format.Format.
func (Format) Read(src format.Source, o format.Options) format.Reader {
	return folder.Walk(src, &visitor{options: o})
}

// Compare implements format.Described.
func (Format) Compare(src format.Source, files []stream.File, digests [][32]byte) error {
	v := &visitor{options: format.Options{MaxRecord: format.MaxRecordBytes, FailFast: true}}
	v.Begin(files)
	for i := range files {
		v.list.found(i, digests[i], "")
	}
	r := v.records(src)
	for line := 1; ; line++ {
		_, err := r.Next()
		var defect *format.Defect
		switch {
		case errors.Is(err, io.EOF):
			if err = v.End(); errors.As(err, &defect) {
				return dataError(defect)
			}
			return nil
		case errors.As(err, &defect) && !defect.Blank:
			return lineError(line, defect)
		case err != nil && defect == nil:
			return err
		}
	}
}
