package seller

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
)

// mediaTypeOf checks the media type that was given, or was before, for what lies at
// path, or finds it by the extension. A folder has its own.
func mediaTypeOf(path, given, before string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return "", fmt.Errorf("%w: there is no such file", pdx.ErrNotFound)
	case err != nil:
		return "", err
	case info.IsDir() && given != "" && given != criteria.Folder:
		return "", fmt.Errorf("%w: it is a folder, and its files have media types of their own: give none", pdx.ErrInvalid)
	case info.IsDir():
		return criteria.Folder, nil
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%w: it is neither a file nor a folder", pdx.ErrInvalid)
	case before == criteria.Folder: // was a folder, and is a file now
		before = ""
	}
	mediaType := cmp.Or(given, before, criteria.FileType(path))
	if mediaType != criteria.NDJSON && mediaType != criteria.JSON {
		return "", fmt.Errorf("%w: media type %q: say %s or %s", pdx.ErrInvalid, mediaType, criteria.NDJSON, criteria.JSON)
	}
	return mediaType, nil
}

// survey reads a file once and fills in what d says about its content.
func survey(ctx context.Context, d *Data, show func(done, size uint64)) error {
	f, info, err := openRegular(d.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	d.Size, d.Modified, d.Facts, d.Files = uint64(info.Size()), info.ModTime(), [32]byte{}, 0
	summary, hash, err := fieldsOf(ctx, newGauge(d.Size, show).over(f), d.MediaType)
	if err != nil {
		return err
	}
	d.Records, d.Fields, d.Hash = summary.Records, summary.Fields, hash
	if d.Changed() {
		return errChanging
	}
	return nil
}

var errChanging = fmt.Errorf("%w: it changes while it is read", pdx.ErrInvalid)

// fieldsOf reads a file of records to its end.
func fieldsOf(ctx context.Context, f io.Reader, mediaType string) (summary criteria.Summary, sum [32]byte, err error) {
	hash := blake3.New()
	in := io.TeeReader(f, hash)
	if summary, err = criteria.Fields(ctx, in, mediaType); err != nil {
		return summary, sum, err
	}
	_, err = io.Copy(io.Discard, in) // what is behind the last record
	return summary, [32]byte(hash.Sum(nil)), err
}

func openRegular(path string) (*os.File, os.FileInfo, error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil, fmt.Errorf("%w: there is no such file", pdx.ErrNotFound)
	}
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: not a regular file", pdx.ErrInvalid)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// project copies the disclosed fields of registered data to dst. ErrChanged if
// the file is not, or does not stay, what was added. watch sees what is read.
func project(ctx context.Context, dst io.Writer, d Data, keep criteria.Disclosure, w watch) (records uint64, err error) {
	if d.Changed() {
		return 0, fmt.Errorf("%s: %w", d.Path, ErrChanged)
	}
	f, _, err := openRegular(d.Path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	records, hash, err := projectFile(ctx, dst, w(stepProjecting, d.Size, f), d.MediaType, keep)
	if err != nil {
		return 0, err
	}
	if hash != d.Hash || d.Changed() {
		return 0, fmt.Errorf("%s: %w", d.Path, ErrChanged)
	}
	return records, nil
}

// projectFile copies the disclosed fields of one file and hashes all of it.
func projectFile(ctx context.Context, dst io.Writer, f io.Reader, mediaType string, keep criteria.Disclosure) (records uint64, sum [32]byte, err error) {
	hash := blake3.New()
	in := io.TeeReader(f, hash)
	done, err := criteria.Project(ctx, dst, in, mediaType, keep)
	if err != nil {
		return 0, sum, err
	}
	_, err = io.Copy(io.Discard, in)
	return done.Records, [32]byte(hash.Sum(nil)), err
}
