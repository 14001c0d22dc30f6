package health_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/health"
)

func TestDisk(t *testing.T) {
	const gib = 1 << 30
	for name, c := range map[string]struct {
		space durable.Space
		err   error
		says  string
	}{
		"enough":            {space: durable.Space{Bytes: gib, Inodes: 1000, Counted: true}},
		"inodes not known":  {space: durable.Space{Bytes: gib}},
		"not looked at":     {err: errors.ErrUnsupported},
		"full":              {space: durable.Space{Bytes: 3 << 20, Inodes: 1000, Counted: true}, says: "/home is full, 3 MiB are left"},
		"no inodes":         {space: durable.Space{Bytes: gib, Inodes: 3, Counted: true}, says: "takes no more files: 3 inodes are left"},
		"the folder is not": {err: os.ErrNotExist, says: "cannot be looked at"},
	} {
		t.Run(name, func(t *testing.T) {
			list := health.Disk("/home", c.space, c.err)
			if c.says == "" {
				require.Empty(t, list)
				return
			}
			require.Len(t, list, 1)
			require.False(t, list[0].OK)
			require.Contains(t, list[0].Message, c.says)
		})
	}
}

func TestDiskOfThisMachine(t *testing.T) {
	s, err := durable.SpaceOf(t.TempDir())
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	require.NotZero(t, s.Bytes)
	_, err = durable.SpaceOf(filepath.Join(t.TempDir(), "none"))
	require.Error(t, err)
}
