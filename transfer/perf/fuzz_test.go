package perf

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRequest: what is taken is within the bounds and says the same again.
func FuzzRequest(f *testing.F) {
	f.Add(request(1, 2))
	f.Add(request(MaxBytes, MaxBytes+1))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		up, down, err := readRequest(bytes.NewReader(raw))
		if err != nil {
			return
		}
		require.LessOrEqual(t, max(up, down), uint64(MaxBytes))
		require.Equal(t, raw[:16], request(up, down))
	})
}
