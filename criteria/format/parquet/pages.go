package parquet

import (
	"errors"

	"github.com/parquet-go/parquet-go"
	pq "github.com/parquet-go/parquet-go/format"

	"github.com/medibloc/pdx/criteria/format/parquet/thrift"
)

// pageHeader is what counts of the header of a page.
type pageHeader struct {
	kind, size, packed int64 // packed: bytes in the file
	values             int64
	length             int // of the header
}

// checkPages walks through the pages of a row group, before any is decoded.
func checkPages(src *source, f *parquet.File, group int) error {
	meta, largest := &f.Metadata().RowGroups[group], int64(0)
	flat := flatColumns(f)
	for i := range meta.Columns {
		m := &meta.Columns[i].MetaData
		values, most, err := checkColumn(src, m)
		if err != nil {
			return err
		}
		if values != m.NumValues || flat[i] && values != meta.NumRows {
			return broken("a column of %d values instead of %d", values, m.NumValues)
		}
		if largest += most; largest > maxOpenPages {
			return broken("pages of more than %d MiB together", maxOpenPages>>20)
		}
	}
	return nil
}

// flatColumns are those with a value in each row.
func flatColumns(f *parquet.File) (flat []bool) {
	var walk func(c *parquet.Column)
	walk = func(c *parquet.Column) {
		if c.Leaf() {
			flat = append(flat, c.MaxRepetitionLevel() == 0)
		}
		for _, child := range c.Columns() {
			walk(child)
		}
	}
	walk(f.Root())
	return flat
}

// checkColumn walks through the pages of a column: how many values they have, and the size of
// the largest with that of the dictionary.
func checkColumn(src *source, m *pq.ColumnMetaData) (values, most int64, err error) {
	at := chunkStart(m)
	end := at + m.TotalCompressedSize
	dictionary := int64(0)
	for first := true; values < m.NumValues || at < end; first = false {
		if at >= end {
			return 0, 0, broken("a column that ends too early")
		}
		h, err := readPageHeader(src, at, end)
		if err != nil {
			return 0, 0, err
		}
		if h.size < 0 || h.size > maxPage || h.packed < 0 || h.packed > end-at-int64(h.length) || h.values < 0 || h.values > maxPageValues {
			return 0, 0, broken("a page of %d values in %d bytes", h.values, h.size)
		}
		switch pq.PageType(h.kind) {
		case pq.DictionaryPage:
			if !first {
				return 0, 0, broken("a dictionary behind the values")
			}
			dictionary = h.size
		case pq.DataPage, pq.DataPageV2:
			values += h.values
			most = max(most, h.size)
		default:
			return 0, 0, broken("a page of kind %d", h.kind)
		}
		at += int64(h.length) + h.packed
	}
	return values, dictionary + most, nil
}

func readPageHeader(src *source, at, end int64) (pageHeader, error) {
	for size := int64(firstHeader); ; size *= 16 {
		b := make([]byte, min(size, end-at))
		if err := readAll(src, b, at); err != nil {
			return pageHeader{}, err
		}
		h, err := parsePageHeader(b)
		if err == nil {
			return h, nil
		}
		if !errors.Is(err, thrift.ErrShort) || int64(len(b)) == end-at || size >= maxPageHeader {
			return pageHeader{}, broken("the header of a page: %v", err)
		}
	}
}

func parsePageHeader(b []byte) (h pageHeader, err error) {
	r := thrift.NewReader(b)
	number := func(into *int64) (bool, error) {
		n, err := r.Int()
		*into = n
		return true, err
	}
	h.kind, h.size, h.packed, h.values = -1, -1, -1, -1
	err = r.Fields(func(id int64, kind byte) (bool, error) {
		switch {
		case id == 1 && kind == thrift.I32:
			return number(&h.kind)
		case id == 2 && kind == thrift.I32:
			return number(&h.size)
		case id == 3 && kind == thrift.I32:
			return number(&h.packed)
		case (id == 5 || id == 7 || id == 8) && kind == thrift.Struct:
			return true, r.Fields(func(id int64, kind byte) (bool, error) {
				if id == 1 && kind == thrift.I32 {
					return number(&h.values)
				}
				return false, nil
			})
		}
		return false, nil
	})
	h.length = r.At()
	return h, err
}
