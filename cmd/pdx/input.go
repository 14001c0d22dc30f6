package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/medibloc/pdx"
)

// readInput reads a file that the command line names, up to limit bytes.
func readInput(what, name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%s %s: %w: there is no such file", what, name, pdx.ErrNotFound)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s %s: %w: it is a folder", what, name, pdx.ErrInvalid)
	}
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Errorf("%s %s: %w: it is larger than %s", what, name, pdx.ErrInvalid, bytesText(uint64(limit)))
	}
	return raw, nil
}

// readJSON reads a JSON file and says where it is not JSON.
func readJSON(what, name string, limit int64) ([]byte, error) {
	raw, err := readInput(what, name, limit)
	if err != nil {
		return nil, err
	}
	var value json.RawMessage
	if err := decodeJSON(raw, &value); err != nil {
		return nil, fmt.Errorf("%s %s: %w", what, name, err)
	}
	return raw, nil
}

func decodeJSON(raw []byte, into any) error {
	err := json.Unmarshal(raw, into)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line := 1
		for _, b := range raw[:min(int(syntax.Offset), len(raw))] {
			if b == '\n' {
				line++
			}
		}
		return fmt.Errorf("%w: line %d is not JSON: %w", pdx.ErrInvalid, line, err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", pdx.ErrInvalid, err)
	}
	return nil
}
