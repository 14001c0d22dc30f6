package seller

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/criteria"
)

// mediaTypeOf checks the media type of a file, or finds it by the extension.
func mediaTypeOf(path, mediaType string) (string, error) {
	if mediaType == "" {
		switch strings.ToLower(filepath.Ext(path)) {
		case ".ndjson", ".jsonl":
			mediaType = criteria.NDJSON
		case ".json":
			mediaType = criteria.JSON
		}
	}
	if mediaType != criteria.NDJSON && mediaType != criteria.JSON {
		return "", fmt.Errorf("%w: media type %q: say %s or %s", pdx.ErrInvalid, mediaType, criteria.NDJSON, criteria.JSON)
	}
	return mediaType, nil
}

// survey reads a file once and fills in what d says about its content.
func survey(ctx context.Context, d *Data) error {
	f, info, err := openRegular(d.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	d.Size, d.Modified = uint64(info.Size()), info.ModTime()
	hash := blake3.New()
	in := io.TeeReader(f, hash)
	summary, err := criteria.Fields(ctx, in, d.MediaType)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, in); err != nil { // what is behind the last record
		return err
	}
	d.Records, d.Fields = summary.Records, summary.Fields
	d.Hash = [32]byte(hash.Sum(nil))
	if d.Changed() {
		return fmt.Errorf("%w: the file changes while it is read", pdx.ErrInvalid)
	}
	return nil
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
func project(ctx context.Context, dst io.Writer, d Data, fields []string, watch func(io.Reader) io.Reader) (records uint64, err error) {
	if d.Changed() {
		return 0, fmt.Errorf("%s: %w", d.Path, ErrChanged)
	}
	f, _, err := openRegular(d.Path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	hash := blake3.New()
	in := io.TeeReader(watch(f), hash)
	done, err := criteria.Project(ctx, dst, in, d.MediaType, fields)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return 0, err
	}
	if [32]byte(hash.Sum(nil)) != d.Hash || d.Changed() {
		return 0, fmt.Errorf("%s: %w", d.Path, ErrChanged)
	}
	return done.Records, nil
}
