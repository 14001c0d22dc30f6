package sidecar

import (
	"errors"
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	stream "github.com/medibloc/pdx/exchange/folder"
)

// visitor reads the records of the description, and hashes the other files.
type visitor struct {
	options format.Options
	list    *list
	checked bool // the presence of a description
}

// Begin implements folder.Visitor.
func (v *visitor) Begin(files []stream.File) { v.list = newList(files) }

// Open implements folder.Visitor.
func (v *visitor) Open(f stream.File, src format.Source) (format.Reader, error) {
	if f.Path == Name {
		return v.records(src), nil
	}
	return &hashing{list: v.list, number: v.list.number[f.Path], src: src}, nil
}

func (v *visitor) records(src format.Source) format.Reader {
	return &describing{v.list, ndjson.Format{}.Read(src, v.options)}
}

// End implements folder.Visitor: it compares file after file.
func (v *visitor) End() error {
	if _, has := v.list.number[Name]; !has {
		if v.checked {
			return io.EOF
		}
		v.checked = true
		return ofFile(RuleNone, "%s is missing, which describes the files: write it with `pdx data sidecar`", Name)
	}
	if defect := v.list.compare(); defect != nil {
		return defect
	}
	return io.EOF
}

// describing yields the records of the description.
type describing struct {
	list    *list
	records format.Reader
}

// Next implements format.Reader. A record that does not fit its file is a defect.
func (d *describing) Next() ([]byte, error) {
	raw, err := d.records.Next()
	if err != nil {
		var defect *format.Defect
		d.list.unread = d.list.unread || errors.As(err, &defect) && !defect.Blank
		return nil, err
	}
	if defect := d.list.take(raw); defect != nil {
		return nil, defect
	}
	return raw, nil
}

// hashing reads a file that has no records.
type hashing struct {
	list   *list
	number int
	src    format.Source
}

// Next implements format.Reader.
func (h *hashing) Next() ([]byte, error) {
	digest, kind, err := describe(h.src)
	if err != nil {
		return nil, err
	}
	h.list.found(h.number, digest, kind)
	return nil, io.EOF
}

// describe reads a file once.
func describe(src format.Source) (digest [32]byte, kind string, err error) {
	hash, head := blake3.New(), &beginning{}
	if _, err := io.Copy(io.MultiWriter(hash, head), src.Reader()); err != nil {
		return digest, "", err
	}
	return [32]byte(hash.Sum(nil)), format.Kind(head.bytes), nil
}

// beginning keeps the first bytes that are written.
type beginning struct{ bytes []byte }

// Write implements io.Writer.
func (b *beginning) Write(p []byte) (int, error) {
	b.bytes = append(b.bytes, p[:min(len(p), format.SniffBytes-len(b.bytes))]...)
	return len(p), nil
}
