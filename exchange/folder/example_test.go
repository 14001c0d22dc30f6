package folder_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/medibloc/pdx/exchange/folder"
)

// file is the content of a file in memory.
type file struct{ *strings.Reader }

func (file) Close() error { return nil }

// A folder becomes one stream, and is read back file by file.
func Example() {
	contents := map[string]string{"2026/b.ndjson": "{}\n", "a.json": "[]"}
	var list []folder.File
	for path, text := range contents {
		list = append(list, folder.File{Path: path, Size: uint64(len(text))})
	}
	manifest, err := folder.New(list) // sorted by path, whatever the order was
	if err != nil {
		fmt.Println(err)
		return
	}
	stream := manifest.Join(func(f folder.File) (folder.Source, error) {
		return file{strings.NewReader(contents[f.Path])}, nil
	})
	defer stream.Close()

	reader, err := folder.NewReader(io.NewSectionReader(stream, 0, int64(stream.Size())))
	for err == nil {
		var next folder.File
		if next, err = reader.Next(); err == nil {
			text, _ := io.ReadAll(reader)
			fmt.Printf("%s: %q\n", next.Path, text)
		}
	}
	fmt.Println(err)

	_, err = folder.New([]folder.File{{Path: "../etc/passwd"}})
	fmt.Println(errors.Is(err, folder.ErrPath))
	// Output:
	// 2026/b.ndjson: "{}\n"
	// a.json: "[]"
	// EOF
	// true
}
