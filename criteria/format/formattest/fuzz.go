package formattest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format"
)

// Fuzz reads any bytes: reading ends, gives the same each time, and its records are
// no longer than allowed. What can be projected is projected to data that reads
// without a defect and does not change when it is projected again.
func Fuzz(f *testing.F, c Case) {
	f.Add([]byte(c.Good))
	f.Add([]byte(c.Empty))
	for _, spoiled := range c.Spoiled {
		f.Add([]byte(spoiled.Data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o := format.Options{MaxRecord: 1 << 10}
		for _, item := range readAll(t, c.Format, string(data), o) {
			require.LessOrEqual(t, len(item.text), 1<<10)
		}
		file, ok := c.Format.(format.File)
		if !ok {
			return
		}
		keep := selection(t, "/id")
		once, _, err := project(t, file, string(data), keep)
		if err != nil {
			return
		}
		for _, item := range readAll(t, c.Format, once, options) {
			require.Zero(t, item.defect)
		}
		twice, _, err := project(t, file, once, keep)
		require.NoError(t, err)
		require.Equal(t, once, twice)
	})
}
