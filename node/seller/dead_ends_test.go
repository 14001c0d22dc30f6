package seller_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// TestAFileThatIsGoneIsNotCalledChanged wants the error to say which of both it is.
func TestAFileThatIsGoneIsNotCalledChanged(t *testing.T) {
	w := newWorld(t)
	s := w.service(t)
	require.NoError(t, os.Remove(w.file))
	_, err := s.Sell(t.Context(), w.order())
	require.ErrorIs(t, err, records.ErrChanged)
	require.ErrorContains(t, err, w.file+" does not exist any more: put it back as it was, or unregister it with `pdx data rm")
	require.NotContains(t, err.Error(), "changed since")
	w.write(t, "{}\n")
	_, err = s.Sell(t.Context(), w.order())
	require.ErrorIs(t, err, records.ErrChanged)
	require.ErrorContains(t, err, "changed since it was added")
}

// TestErrorsAboutDataSayWhatToDo names the verb for each.
func TestErrorsAboutDataSayWhatToDo(t *testing.T) {
	w := newWorld(t)
	s := w.service(t)
	err := s.RemoveData(t.Context(), "nothing")
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.ErrorContains(t, err, "no data named \"nothing\"")
	require.ErrorContains(t, err, "`pdx data list`")
	other := filepath.Join(t.TempDir(), "other.ndjson")
	require.NoError(t, os.WriteFile(other, []byte("{}\n"), 0o600))
	_, err = s.AddData(t.Context(), other, w.name, "", nil)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, "already in use: pass --name")
}
