package records

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever is written in whatever pieces is what is kept; and the original is
// kept only if it is the same to its end.
func TestSparingCopy(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		original := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "original")
		text := append([]byte{}, original[:rapid.IntRange(0, len(original)).Draw(t, "same")]...)
		text = append(text, rapid.SliceOfN(rapid.Byte(), 0, 10).Draw(t, "more")...)
		at := filepath.Join(dir, "original")
		require.NoError(t, os.WriteFile(at, original, 0o600))
		f, err := os.Open(at)
		require.NoError(t, err)
		defer f.Close()

		c, err := newCopying(dir, f, uint64(len(original)))
		require.NoError(t, err)
		for rest := text; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			m, err := c.Write(rest[:n])
			require.NoError(t, err)
			require.Equal(t, n, m)
			rest = rest[n:]
		}
		got, err := c.finish(filepath.Join(dir, "copy"), os.Rename)
		require.NoError(t, err)
		c.abandon()
		kept, err := os.ReadFile(got)
		require.NoError(t, err)
		require.Equal(t, string(text), string(kept))
		require.Equal(t, string(text) == string(original), got == at)
		left, err := filepath.Glob(filepath.Join(dir, TempPrefix+"*"))
		require.NoError(t, err)
		require.Empty(t, left)
	})
}
