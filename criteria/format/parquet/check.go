package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"

	"github.com/medibloc/pdx/criteria/format"
	walk "github.com/medibloc/pdx/criteria/format/parquet/thrift"
)

// The rules that a Parquet file can break.
const (
	RuleParquet = "parquet"       // not a Parquet file, or beyond a bound
	RuleType    = "parquet/type"  // a column whose type has no form in a record
	RuleValue   = "parquet/value" // a value that has none
)

// broken is the defect of a file. Nothing follows it.
func broken(why string, args ...any) *format.Defect {
	return &format.Defect{Rule: RuleParquet, Reason: "the Parquet file is damaged or beyond a limit: " + fmt.Sprintf(why, args...)}
}

// source is a file whose errors are told from those of its content.
type source struct {
	format.Source
	failed error
}

// ReadAt implements io.ReaderAt.
func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > s.Size {
		return 0, io.EOF
	}
	n, err := s.Source.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = err
	}
	return n, err
}

// why is err, an error of the library: that of the source, if that failed, or else a defect.
func (s *source) why(err error) error {
	var defect *format.Defect
	switch {
	case s.failed != nil:
		return s.failed
	case errors.As(err, &defect):
		return defect
	}
	return broken("it does not decode")
}

const magic = "PAR1"

// open checks what a file says of itself, and opens it.
func open(src *source) (*parquet.File, *node, error) {
	footer, err := readFooter(src)
	if err != nil {
		return nil, nil, err
	}
	meta, err := parseFooter(footer)
	if err != nil {
		return nil, nil, err
	}
	root, err := plan(meta.Schema)
	if err != nil {
		return nil, nil, err
	}
	if err := checkGroups(meta, root.kinds(), src.Size, src.Size-int64(len(footer))-8); err != nil {
		return nil, nil, err
	}
	f, err := parquet.OpenFile(src, src.Size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, nil, src.why(err)
	}
	return f, root, nil
}

// readFooter reads the metadata, whose length stands in the last 8 bytes.
func readFooter(src *source) ([]byte, error) {
	head, tail := make([]byte, 4), make([]byte, 8)
	if src.Size < int64(len(head)+len(tail)) {
		return nil, broken("%d bytes are too few", src.Size)
	}
	if err := readAll(src, tail, src.Size-int64(len(tail))); err != nil {
		return nil, err
	}
	if err := readAll(src, head, 0); err != nil {
		return nil, err
	}
	if string(head) != magic || string(tail[4:]) != magic {
		return nil, broken("it does not begin and end with %s", magic)
	}
	n := int64(binary.LittleEndian.Uint32(tail))
	if n > src.Size-12 || n > maxFooter {
		return nil, broken("its metadata has %d bytes", n)
	}
	footer := make([]byte, n)
	return footer, readAll(src, footer, src.Size-8-n)
}

func readAll(src *source, p []byte, off int64) error {
	n, err := src.ReadAt(p, off)
	switch {
	case n == len(p):
		return nil
	case src.failed != nil:
		return src.failed
	case err == nil || errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF // the source is shorter than it said
	}
	return err
}

// parseFooter walks through the metadata before the library makes anything of it.
func parseFooter(footer []byte) (*pq.FileMetaData, error) {
	r := walk.NewReader(footer)
	if err := r.Fields(nil); err != nil {
		return nil, broken("its metadata: %v", err)
	}
	if r.At() != len(footer) {
		return nil, broken("its metadata ends too early")
	}
	meta := &pq.FileMetaData{}
	if err := thrift.Unmarshal(&thrift.CompactProtocol{}, footer, meta); err != nil {
		return nil, broken("its metadata does not decode")
	}
	return meta, nil
}

// checkGroups checks where the columns of a file of size bytes lie, up to end.
func checkGroups(meta *pq.FileMetaData, columns []pq.Type, size, end int64) error {
	rows := int64(0)
	for i := range meta.RowGroups {
		group := &meta.RowGroups[i]
		if group.NumRows < 0 || len(group.Columns) != len(columns) {
			return broken("a row group of %d rows and %d columns", group.NumRows, len(group.Columns))
		}
		if rows += group.NumRows; rows > baseRows+rowsPerByte*size {
			return broken("more rows than its size allows")
		}
		for j := range group.Columns {
			if err := checkChunk(&group.Columns[j], columns[j], end); err != nil {
				return err
			}
		}
	}
	if rows != meta.NumRows {
		return broken("%d rows instead of %d", rows, meta.NumRows)
	}
	return nil
}

func checkChunk(c *pq.ColumnChunk, kind pq.Type, end int64) error {
	m := &c.MetaData
	if m.Type != kind {
		return broken("a column of another type than its schema says")
	}
	switch m.Codec {
	case pq.Uncompressed, pq.Snappy, pq.Gzip, pq.Brotli, pq.Zstd, pq.Lz4Raw:
	default:
		return broken("a codec that is not known")
	}
	begin := chunkStart(m)
	if c.FilePath != "" || begin < 4 || m.NumValues < 0 || m.TotalCompressedSize < 0 || begin > end || m.TotalCompressedSize > end-begin ||
		m.DataPageOffset < begin || m.DataPageOffset > begin+m.TotalCompressedSize {
		return broken("a column that lies outside the file")
	}
	return nil
}

// chunkStart is the offset of the first page.
func chunkStart(m *pq.ColumnMetaData) int64 {
	if d := m.DictionaryPageOffset; d > 0 {
		return min(d, m.DataPageOffset)
	}
	return m.DataPageOffset
}
