package seller

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
)

// formatOf finds the format of what lies at path: that of the media type that was
// given, or was before, or by its name.
func (s *Service) formatOf(path, given, before string) (format.Format, error) {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return nil, fmt.Errorf("%w: there is no such file", pdx.ErrNotFound)
	case err != nil:
		return nil, err
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: neither a file nor a folder", pdx.ErrInvalid)
	}
	if mediaType := cmp.Or(given, before); mediaType != "" {
		f, err := s.formats.Get(mediaType)
		if err != nil {
			return nil, err
		}
		_, folder := f.(format.Folder)
		switch {
		case folder == info.IsDir():
			return f, nil
		case given != "" && folder:
			return nil, fmt.Errorf("%w: %s is the media type of folders, and this is a file: leave the media type out", pdx.ErrInvalid, given)
		case given != "":
			return nil, fmt.Errorf("%w: this is a folder, and its files have media types of their own: leave the media type out", pdx.ErrInvalid)
		}
	}
	if info.IsDir() {
		return s.formats.ForFolder()
	}
	f, err := s.formats.ForFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w, or give the media type", err)
	}
	return f, nil
}

// survey reads data once and fills in what d says about its content.
func survey(ctx context.Context, d *Data, f format.Format, show func(done, size uint64)) error {
	var err error
	switch f := f.(type) {
	case format.Folder:
		err = surveyFolder(ctx, d, f, show)
	case format.File:
		err = surveyFile(ctx, d, f, show)
	}
	if err == nil && d.Changed() {
		err = fmt.Errorf("%w: it changes while it is read", pdx.ErrInvalid)
	}
	return err
}

func surveyFile(ctx context.Context, d *Data, f format.File, show func(done, size uint64)) error {
	file, info, err := openRegular(d.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	d.Size, d.Modified, d.Facts, d.Files = uint64(info.Size()), info.ModTime(), [32]byte{}, 0
	summary, sum, err := summarize(ctx, newGauge(d.Size, show).source(file, info.Size()), f)
	d.Records, d.Fields, d.Hash = summary.Records, summary.Fields, sum
	return err
}

// summarize reads a file of records and hashes all of it.
func summarize(ctx context.Context, src format.Source, f format.File) (criteria.Summary, [32]byte, error) {
	in := newHashedSource(src)
	summary, err := criteria.Survey(ctx, in.source(), f)
	if err != nil {
		return criteria.Summary{}, [32]byte{}, err
	}
	sum, err := in.sum()
	return summary, sum, err
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
func project(ctx context.Context, dst io.Writer, d Data, f format.File, keep criteria.Disclosure, w watch) (records uint64, err error) {
	if d.Changed() {
		return 0, fmt.Errorf("%s: %w", d.Path, ErrChanged)
	}
	file, info, err := openRegular(d.Path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	records, hash, err := projectFile(ctx, dst, w(stepProjecting, d.Size).source(file, info.Size()), f, keep)
	if err != nil {
		return 0, err
	}
	if hash != d.Hash || d.Changed() {
		return 0, fmt.Errorf("%s: %w", d.Path, ErrChanged)
	}
	return records, nil
}

// projectFile copies the disclosed fields of one file and hashes all of it.
func projectFile(ctx context.Context, dst io.Writer, src format.Source, f format.File, keep criteria.Disclosure) (records uint64, sum [32]byte, err error) {
	in := newHashedSource(src)
	done, err := criteria.Project(ctx, dst, in.source(), f, keep)
	if err != nil {
		return 0, sum, err
	}
	sum, err = in.sum()
	return done.Records, sum, err
}
