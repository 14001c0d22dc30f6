package folder_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/folder"
)

func TestList(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	disk := fstest.MapFS{
		"b.json": {Data: []byte("[]"), ModTime: at}, "a/c.ndjson": {Data: []byte("{}\n")}, ".hidden": {}, ".git/config": {}, "a/.DS_Store": {},
	}
	files, modified, err := folder.List(disk)
	require.NoError(t, err)
	require.ElementsMatch(t, []folder.File{{Path: "b.json", Size: 2}, {Path: "a/c.ndjson", Size: 3}}, files)
	require.Equal(t, at, modified["b.json"])
	require.Len(t, modified, 2)

	for says, file := range map[string]*fstest.MapFile{
		`"x" is a link`:                      {Mode: fs.ModeSymlink},
		`"x" is not a file but a pipe`:       {Mode: fs.ModeNamedPipe},
		`"x" is not a file but a socket`:     {Mode: fs.ModeSocket},
		`"x" is not a file but a device: ta`: {Mode: fs.ModeDevice},
	} {
		_, _, err := folder.List(fstest.MapFS{"x": file})
		require.ErrorIs(t, err, pdx.ErrInvalid)
		require.ErrorContains(t, err, says)
	}
	_, _, err = folder.List(fstest.MapFS{strings.Repeat("d/", folder.MaxDepth) + "f": {}})
	require.ErrorContains(t, err, "is deeper than")
}
