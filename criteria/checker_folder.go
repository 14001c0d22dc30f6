package criteria

import (
	"context"
	"errors"
	"io"

	"github.com/medibloc/pdx/exchange/folder"
)

// folder checks each file of a folder as a dataset of its media type would be
// checked; records, keys and bytes count over all of them. What is no folder, and
// a file that no criteria can judge, are findings of the dataset as a whole.
func (r *run) folder(ctx context.Context, in io.Reader, _ string) error {
	err := r.files(ctx, in)
	if errors.Is(err, folder.ErrFormat) {
		r.find(0, RuleFolder)
		_, err = io.Copy(io.Discard, in) // a report counts all bytes whatever is in them
	}
	return err
}

func (r *run) files(ctx context.Context, in io.Reader) error {
	files, err := folder.NewReader(in)
	if err != nil {
		return err
	}
	for {
		f, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		mediaType := FileType(f.Path)
		if mediaType == "" {
			r.find(0, RuleFileType)
			continue
		}
		if err := r.file(ctx, files, mediaType); err != nil {
			return err
		}
	}
}
