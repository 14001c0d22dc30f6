package seller

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store/storetest"
)

// A row that was set aside leaves its name and its path to others.
func TestNamesOfRowsThatAreGone(t *testing.T) {
	var index dataIndex
	table := &storetest.Table[model.Data]{}
	first, second := model.Data{ID: "d1", Name: "visits", Path: "/a"}, model.Data{ID: "d2", Name: "visits", Path: "/a"}
	require.NoError(t, index.put(t.Context(), table, first))
	got, err := index.find(t.Context(), table, "visits")
	require.NoError(t, err)
	require.Equal(t, first, got)

	require.NoError(t, table.Delete(t.Context(), first.ID))
	_, err = index.at(t.Context(), table, "/a")
	require.ErrorIs(t, err, pdx.ErrNotFound)
	_, err = index.find(t.Context(), table, "d1")
	require.ErrorIs(t, err, pdx.ErrNotFound)

	require.NoError(t, index.put(t.Context(), table, second))
	for _, what := range []string{"visits", "d2"} {
		got, err = index.find(t.Context(), table, what)
		require.NoError(t, err)
		require.Equal(t, second, got)
	}
	require.NoError(t, index.remove(t.Context(), table, "d2"))
	_, err = index.find(t.Context(), table, "visits")
	require.ErrorIs(t, err, pdx.ErrNotFound)
}
