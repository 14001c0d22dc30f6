package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// records are the first of what was bought.
type records struct {
	Path   string   `json:"path"`
	Folder bool     `json:"folder"`
	Names  []string `json:"names"`  // of a folder's files
	Lines  []string `json:"lines"`  // of a text
	Binary bool     `json:"binary"` // it is no text
	More   bool     `json:"more"`
}

// bought shows the first records of a dataset that was opened on this machine.
func (d *desk) bought(c *call) (any, error) {
	r := &nodepb.GetDealRequest{}
	if err := c.read(r); err != nil {
		return nil, err
	}
	res, err := d.cfg.API.GetDeal(c.ctx, r)
	if err != nil {
		return nil, err
	}
	path := res.GetDeal().GetPulled().GetPath()
	if path == "" {
		return nil, fmt.Errorf("deal %d: %w: its records are not on this machine", r.Id, pdx.ErrNotFound)
	}
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return nil, fmt.Errorf("%s: %w: it was moved or deleted; order the deal again to have it again", path, pdx.ErrNotFound)
	case err != nil:
		return nil, err
	case info.IsDir():
		return namesIn(path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: %w: not a file", path, pdx.ErrInvalid)
	}
	return linesOf(path)
}

func namesIn(path string) (found records, err error) {
	found = records{Path: path, Folder: true, Lines: []string{}, Names: []string{}}
	dir, err := os.Open(path)
	if err != nil {
		return found, err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(shownNames + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return found, err
	}
	found.More = len(entries) > shownNames
	for _, entry := range entries[:min(len(entries), shownNames)] {
		found.Names = append(found.Names, entry.Name())
	}
	return found, nil
}

// linesOf are the first lines of a file, whatever it is: nothing of it is parsed.
func linesOf(path string) (found records, err error) {
	found = records{Path: path, Lines: []string{}, Names: []string{}}
	f, err := os.Open(path)
	if err != nil {
		return found, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, shownBytes+1))
	if err != nil {
		return found, err
	}
	if len(raw) > shownBytes {
		raw, found.More = raw[:shownBytes], true
	}
	for i := 0; i < utf8.UTFMax && found.More && !utf8.Valid(raw); i++ {
		raw = raw[:len(raw)-1] // a character that the end cut through
	}
	if bytes.IndexByte(raw, 0) >= 0 || !utf8.Valid(raw) {
		found.Binary = true
		return found, nil
	}
	for line := range bytes.Lines(raw) {
		if len(found.Lines) == shownRecords {
			found.More = true
			break
		}
		found.Lines = append(found.Lines, string(bytes.TrimRight(line, "\r\n")))
	}
	return found, nil
}
