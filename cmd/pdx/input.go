package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
)

// readInput reads a file that the command line names, up to limit bytes.
func (a *app) readInput(what, name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, a.fail(pdx.ErrNotFound, "file.none", "what", what, "file", name)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, a.fail(pdx.ErrInvalid, "file.folder", "what", what, "file", name)
	}
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if int64(len(raw)) > limit {
		return nil, a.fail(pdx.ErrInvalid, "file.large", "what", what, "file", name, "limit", bytesText(uint64(limit)))
	}
	return raw, nil
}

// readJSON reads a JSON file and says where it is not JSON.
func (a *app) readJSON(what, name string, limit int64) ([]byte, error) {
	raw, err := a.readInput(what, name, limit)
	if err != nil {
		return nil, err
	}
	var value json.RawMessage
	if err := a.decodeJSON(what, name, raw, &value); err != nil {
		return nil, err
	}
	return raw, nil
}

func (a *app) decodeJSON(what, name string, raw []byte, into any) error {
	err := json.Unmarshal(raw, into)
	if says := format.Sniff(raw[:min(len(raw), format.SniffBytes)]); err != nil && says != "" {
		return a.fail(pdx.ErrInvalid, "file.not_json", "what", what, "file", name, "cause", "it "+says)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line := 1
		for _, b := range raw[:min(int(syntax.Offset), len(raw))] {
			if b == '\n' {
				line++
			}
		}
		return a.fail(pdx.ErrInvalid, "file.not_json_line", "what", what, "file", name, "line", line, "cause", err)
	}
	if err != nil {
		return a.fail(pdx.ErrInvalid, "file.not_json", "what", what, "file", name, "cause", err)
	}
	return nil
}
