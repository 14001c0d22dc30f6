package backup

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/medibloc/pdx"
)

// Target takes the files of an archive.
type Target interface {
	// Header is called first; an error ends the reading.
	Header(h Header) error
	// File takes a file. name is clean, relative, and one of those in doc.go.
	File(name string, size uint64, r io.Reader) error
}

// Extract reads an archive to its end and gives its files to a target. When it
// returns nil the archive was whole.
func Extract(r io.Reader, to Target) (Header, Summary, error) {
	x := extraction{counted: &counted{r: r}, to: to}
	x.tar = tar.NewReader(x.counted)
	err := x.run()
	return x.header, x.summary, err
}

type extraction struct {
	counted *counted
	tar     *tar.Reader
	to      Target
	header  Header
	summary Summary
	files   int
	bytes   uint64
}

func (x *extraction) run() error {
	entry, err := x.next()
	if err != nil || entry == nil || entry.Name != headerName {
		return foreign(err)
	}
	if err := x.json(entry, &x.header); err != nil {
		return foreign(err)
	}
	if x.header.Version > version {
		return ErrNewer
	}
	if err := x.to.Header(x.header); err != nil {
		return err
	}
	for range maxEntries {
		entry, err := x.next()
		switch {
		case err != nil:
			return err
		case entry == nil:
			return fmt.Errorf("%w: it has no end", ErrDamaged)
		case entry.Name == summaryName:
			return x.end(entry)
		}
		if err := x.file(entry); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: more than %d entries", ErrForeign, maxEntries)
}

// errNoArchive: what was decrypted is no tar archive, or ends before its end.
var errNoArchive = fmt.Errorf("%w: no archive is in it", ErrDamaged)

// foreign is ErrForeign for an archive that does not begin as one of ours, but
// for a ciphertext that is damaged.
func foreign(err error) error {
	if errors.Is(err, ErrDamaged) && !errors.Is(err, errNoArchive) {
		return err
	}
	return ErrForeign
}

// next is the header of the next entry, nil at the end.
func (x *extraction) next() (*tar.Header, error) {
	entry, err := x.tar.Next()
	switch {
	case err == io.EOF: // readers return it bare
		return nil, nil
	case errors.Is(err, ErrDamaged):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w (%v)", errNoArchive, err)
	case entry.Typeflag != tar.TypeReg || sparse(entry) || len(entry.Name) > maxName:
		return nil, fmt.Errorf("%w: entry %.100q is not a plain file", ErrForeign, entry.Name)
	}
	return entry, nil
}

// sparse reports whether an entry may stand for more bytes than it has.
func sparse(entry *tar.Header) bool {
	for key := range entry.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse") {
			return true
		}
	}
	return false
}

// file gives a file to the target, with no more bytes than the archive has.
func (x *extraction) file(entry *tar.Header) error {
	if !allowed(entry.Name) {
		return fmt.Errorf("%w: entry %.100q does not belong into a home", ErrForeign, entry.Name)
	}
	x.files++
	x.bytes += uint64(entry.Size)
	if x.bytes > x.header.Bytes {
		return fmt.Errorf("%w: it has more bytes than it says", ErrForeign)
	}
	body := &counted{r: x.tar}
	if err := x.to.File(entry.Name, uint64(entry.Size), body); err != nil {
		return fmt.Errorf("%s: %w", entry.Name, err)
	}
	if body.n != uint64(entry.Size) || x.bytes > x.counted.n {
		return fmt.Errorf("%w: %.100q ends before its end", ErrDamaged, entry.Name)
	}
	return nil
}

// allowed reports whether a name is one that a home has a file of.
func allowed(name string) bool {
	if slices.Contains([]string{Config, StorageKey, Database}, name) {
		return true
	}
	folder, rest, _ := strings.Cut(name, "/")
	clean := fs.ValidPath(name) && path.Clean(name) == name
	switch {
	case !clean || rest == "":
		return false
	case folder == Blobs:
		_, err := pdx.ParseContentID(rest)
		return err == nil
	}
	return folder == Disclosed
}

// end reads the summary, behind which nothing may come.
func (x *extraction) end(entry *tar.Header) error {
	if err := x.json(entry, &x.summary); err != nil {
		return err
	}
	if x.summary.Files != x.files || x.summary.Bytes != x.bytes {
		return fmt.Errorf("%w: it says to have %d files and has %d", ErrDamaged, x.summary.Files, x.files)
	}
	if more, err := x.next(); err != nil || more != nil {
		return fmt.Errorf("%w: something follows its end", ErrDamaged)
	}
	_, err := io.Copy(io.Discard, x.counted) // the ciphertext is authentic to its end
	return err
}

func (x *extraction) json(entry *tar.Header, into any) error {
	if entry.Size > maxJSON {
		return fmt.Errorf("%w: %q has %d bytes", ErrForeign, entry.Name, entry.Size)
	}
	raw, err := io.ReadAll(io.LimitReader(x.tar, maxJSON))
	if err != nil {
		return fmt.Errorf("%w (%v)", ErrDamaged, err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w (%v)", ErrForeign, err)
	}
	return nil
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n uint64
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += uint64(n)
	return n, err
}
