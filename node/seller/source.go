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
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/node/model"
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
func survey(ctx context.Context, d *model.Data, f format.Format, report func(pdx.Progress)) error {
	var err error
	switch f := f.(type) {
	case format.Folder:
		err = surveyFolder(ctx, d, f, report)
	case format.File:
		err = surveyFile(ctx, d, f, report)
	}
	switch {
	case err != nil:
		return err
	case changed(*d):
		return fmt.Errorf("%w: it changes while it is read", pdx.ErrInvalid)
	case d.Records == 0:
		return fmt.Errorf("%w: there are no records in it, so there is nothing to sell", pdx.ErrInvalid)
	}
	return nil
}

func surveyFile(ctx context.Context, d *model.Data, f format.File, report func(pdx.Progress)) error {
	file, info, err := openRegular(d.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	d.Size, d.Modified, d.Facts, d.Files = uint64(info.Size()), info.ModTime(), [32]byte{}, 0
	summary, sum, err := summarize(ctx, newGauge("", d.Size, report).source(file, info.Size()), f)
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

// hashedSource hashes data while a format reads it. Bytes that are read in order
// are hashed as they pass, so most formats need no second pass.
type hashedSource struct {
	src    format.Source
	hash   *blake3.Hasher
	hashed int64 // bytes, from the beginning
}

func newHashedSource(src format.Source) *hashedSource {
	return &hashedSource{src: src, hash: blake3.New()}
}

func (h *hashedSource) source() format.Source { return format.Source{ReaderAt: h, Size: h.src.Size} }

// ReadAt implements io.ReaderAt.
func (h *hashedSource) ReadAt(p []byte, off int64) (int, error) {
	n, err := h.src.ReadAt(p, off)
	if fresh := off + int64(n) - h.hashed; off <= h.hashed && fresh > 0 {
		_, _ = h.hash.Write(p[int64(n)-fresh : n])
		h.hashed += fresh
	}
	return n, err
}

// sum is the hash of all of the data. It reads what has not been hashed yet.
func (h *hashedSource) sum() ([32]byte, error) {
	rest := io.NewSectionReader(h.src, h.hashed, h.src.Size-h.hashed)
	n, err := io.Copy(h.hash, rest)
	h.hashed += n
	return [32]byte(h.hash.Sum(nil)), err
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
// the file is not, or does not stay, what was added. The meter reports what is read.
func project(
	ctx context.Context, dst io.Writer, d model.Data, f format.File, keep criteria.Disclosure, w meter,
) (records uint64, err error) {
	if changed(d) {
		return 0, stale(d)
	}
	file, info, err := openRegular(d.Path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	records, hash, err := projectFile(ctx, dst, w(stageProjecting, d.Size).source(file, info.Size()), f, keep)
	if err != nil {
		return 0, err
	}
	if hash != d.Hash || changed(d) {
		return 0, stale(d)
	}
	return records, nil
}

// projectFile copies the disclosed fields of one file and hashes all of it.
func projectFile(
	ctx context.Context, dst io.Writer, src format.Source, f format.File, keep criteria.Disclosure,
) (records uint64, sum [32]byte, err error) {
	in := newHashedSource(src)
	done, err := criteria.Project(ctx, dst, in.source(), f, keep)
	if err != nil {
		return 0, sum, err
	}
	sum, err = in.sum()
	return done.Records, sum, err
}

// plaintext is what a sale discloses, as it is sealed: a file, or a folder as one
// stream.
type plaintext struct {
	folder.Source
	size uint64
	hash summer // of what was disclosed, when all was written to it
}

type summer interface {
	io.Writer
	Sum(b []byte) []byte
}

// stream is all of it, from the beginning, until ctx ends.
func (p plaintext) stream(ctx context.Context) io.Reader {
	return reader{ctx, io.NewSectionReader(p, 0, int64(p.size))}
}

// openPlaintext opens what was disclosed of data at path, a file or a folder.
// fs.ErrNotExist or pdx.ErrNotFound if it is not there.
func openPlaintext(path string, d model.Data) (plaintext, error) {
	if isFolder(path) {
		f := disclosedFolder{path, d.Path}
		m, err := f.manifest()
		if err != nil {
			return plaintext{}, err
		}
		return plaintext{m.Join(f.open), m.Size(), newHashCounter(m)}, nil
	}
	f, info, err := openRegular(path)
	if err != nil {
		return plaintext{}, err
	}
	return plaintext{f, uint64(info.Size()), blake3.New()}, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
