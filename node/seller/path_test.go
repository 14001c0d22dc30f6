package seller_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHostileHomes starts in homes of any name, and removes there what a crash left:
// it is plaintext.
func TestHostileHomes(t *testing.T) {
	for _, name := range []string{
		"a[b", "[2024]", "a*b", "what?", `back\slash`, "with space", "new\nline",
		"-rf", "per%cent", "{a,b}", "데이터",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.folder = filepath.Join(t.TempDir(), name, "disclosed")
			left, kept := filepath.Join(w.folder, ".unfinished-123"), filepath.Join(w.folder, "s1.ndjson")
			require.NoError(t, os.MkdirAll(left, 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(left, "part"), []byte("plaintext of patients"), 0o600))
			require.NoError(t, os.WriteFile(kept, nil, 0o600))
			s := w.service(t)
			require.NoError(t, s.Start(t.Context()))
			require.NoDirExists(t, left)
			require.FileExists(t, kept)
			require.NoError(t, s.Stop(context.Background()))
		})
	}
}
