package text_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/text"
)

func TestNearest(t *testing.T) {
	require.Equal(t, "poll", text.Nearest("pol", []string{"id", "poll", "grpc"}))
	require.Empty(t, text.Nearest("pol", nil))
}

func TestMeant(t *testing.T) {
	names := []string{"status", "sell", "sales", "pool", "pull", "pulls"}
	for typed, meant := range map[string]string{
		"statsu": "status", "STATUS": "status", "stat": "status", "sels": "sell", "poo": "pool", "pulk": "pull",
		"nonsense": "", "x": "", "": "", "so": "",
	} {
		require.Equal(t, meant, text.Meant(typed, names), typed)
	}
	require.Empty(t, text.Meant("status", nil))
}
