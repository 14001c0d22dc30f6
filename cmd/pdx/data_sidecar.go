package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/sidecar"
	"github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/internal/durable"
)

func (a *app) dataSidecarCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sidecar FOLDER", Args: a.exactly(1),
		Annotations: map[string]string{"file": sidecar.Name, "media_type": criteria.Files},
		RunE: func(_ *cobra.Command, args []string) error {
			n, err := describeFiles(args[0])
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if n == 0 {
				return a.fail(pdx.ErrInvalid, "data.nothing_to_describe", "folder", args[0])
			}
			path := filepath.Join(args[0], sidecar.Name)
			if a.json {
				return a.line(map[string]any{"path": path, "files": n})
			}
			a.printer(a.out).say("data.described", "n", n, "path", path)
			return nil
		},
	}
}

// describeFiles writes the description of the files in a folder, if there are any, and returns
// how many there are. What an earlier one says beside what is measured stays.
func describeFiles(path string) (int, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	files, _, err := folder.List(root.FS())
	if err != nil {
		return 0, err
	}
	earlier, err := earlierRecords(root)
	if err != nil {
		return 0, err
	}
	manifest, err := folder.New(append(files, missing(files)...)) // sorted, and its paths are those of a dataset
	if err != nil {
		return 0, err
	}
	var lines bytes.Buffer
	n := 0
	for _, f := range manifest.Files() {
		if f.Path == sidecar.Name {
			continue
		}
		line, err := describeFile(root, f.Path, earlier[f.Path])
		if err != nil {
			return 0, fmt.Errorf("%q: %w", f.Path, err)
		}
		lines.Write(append(line, '\n'))
		n++
	}
	if n == 0 {
		return 0, nil
	}
	return n, durable.Replace(filepath.Join(path, sidecar.Name), lines.Bytes())
}

// missing is the description, if it is not among the files yet.
func missing(files []folder.File) []folder.File {
	for _, f := range files {
		if f.Path == sidecar.Name {
			return nil
		}
	}
	return []folder.File{{Path: sidecar.Name}}
}

func earlierRecords(root *os.Root) (map[string][]byte, error) {
	file, err := root.Open(sidecar.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return sidecar.Records(format.Source{ReaderAt: file, Size: info.Size()})
}

func describeFile(root *os.Root, path string, earlier []byte) ([]byte, error) {
	file, err := root.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return sidecar.Record(path, format.Source{ReaderAt: file, Size: info.Size()}, earlier)
}
