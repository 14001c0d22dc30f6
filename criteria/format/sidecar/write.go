package sidecar

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// measured are the members that Record fills in.
var measured = []string{"path", "size", "blake3", "type"}

// Records reads the records of a description by the paths of their files. The error is
// format.ErrData and names the line that has no path, or has that of an earlier line, or
// that of src.
func Records(src format.Source) (map[string][]byte, error) {
	records := map[string][]byte{}
	r := ndjson.Format{}.Read(src, format.Options{MaxRecord: format.MaxRecordBytes, FailFast: true})
	for line := 1; ; line++ {
		raw, err := r.Next()
		var defect *format.Defect
		switch {
		case errors.Is(err, io.EOF):
			return records, nil
		case errors.As(err, &defect) && defect.Blank:
			continue
		case defect != nil:
			return nil, fmt.Errorf("%w: %s, line %d: %w", format.ErrData, Name, line, defect)
		case err != nil:
			return nil, err
		}
		path, err := pathOf(raw)
		if err == nil && records[path] != nil {
			err = fmt.Errorf("%q is listed twice", path)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %s, line %d: %w", format.ErrData, Name, line, err)
		}
		records[path] = bytes.Clone(raw)
	}
}

func pathOf(raw []byte) (string, error) {
	tree, err := strict.Parse(raw)
	if err != nil {
		return "", err
	}
	if tree.Root().Kind() == '{' {
		if path, fine := member(tree.Root(), "path", '"'); fine {
			return path, nil
		}
	}
	return "", errors.New("not an object with a path")
}

// Record describes a file: its path, size, digest and kind, and then what an earlier record
// of it says beside these, which may be nil. Members keep their bytes.
func Record(path string, src format.Source, earlier []byte) ([]byte, error) {
	digest, kind, err := describe(src)
	if err != nil {
		return nil, err
	}
	name, err := json.Marshal(path)
	if err != nil {
		return nil, err
	}
	b := append([]byte(`{"path":`), name...)
	b = strconv.AppendInt(append(b, `,"size":`...), src.Size, 10)
	b = append(append(b, `,"blake3":"`...), hex.EncodeToString(digest[:])...)
	b = append(append(append(b, `","type":"`...), kind...), '"')
	added, err := others(earlier)
	return append(append(b, added...), '}'), err
}

// others are the members of a record that are not measured, each with a comma before it.
func others(record []byte) ([]byte, error) {
	if record == nil {
		return nil, nil
	}
	tree, err := strict.Parse(record)
	if err != nil {
		return nil, err
	}
	keep := &fields.Tree{Children: map[string]*fields.Tree{}}
	for name := range tree.Root().Members() {
		if text := string(name.Text()); !slices.Contains(measured, text) {
			keep.Children[text] = &fields.Tree{Whole: true}
		}
	}
	if len(keep.Children) == 0 {
		return nil, nil
	}
	object, err := fields.NewCutter(fields.Selection{Tree: keep}).Cut(record)
	if err != nil {
		return nil, err
	}
	return append([]byte{','}, object[1:len(object)-1]...), nil
}
