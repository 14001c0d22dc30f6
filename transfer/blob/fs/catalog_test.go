package fs

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
)

// Whatever comes and goes, a blob is looked for in all packs that may have it, and
// in few others.
func TestCatalog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c catalog
		var all []*pack
		number := uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				p := &pack{number: number}
				number++
				prefixes := rapid.SliceOfN(rapid.Uint32Range(0, 9), 0, 12).Draw(t, "prefixes")
				slices.Sort(prefixes)
				for _, prefix := range prefixes {
					p.extents = append(p.extents, extent{prefix: prefix})
				}
				c.add(p)
				all = append(all, p)
			},
			"remove, and add again": func(t *rapid.T) {
				if len(all) == 0 {
					return
				}
				i := rapid.IntRange(0, len(all)-1).Draw(t, "which")
				p := all[i]
				c.remove(p)
				if all = slices.Delete(all, i, i+1); rapid.Bool().Draw(t, "again") {
					c.add(p)
					all = append(all, p)
				}
			},
			"": func(t *rapid.T) {
				for prefix := range uint32(11) {
					var id pdx.ContentID
					binary.BigEndian.PutUint32(id[:], prefix)
					found := slices.Collect(c.having(id))
					others := 0
					for _, p := range found {
						require.Contains(t, all, p)
						if !p.mayHave(prefix) {
							others++
						}
					}
					require.LessOrEqual(t, others, recentPacks)
					for _, p := range all {
						require.True(t, !p.mayHave(prefix) || slices.Contains(found, p))
					}
				}
			},
		})
	})
}

func (p *pack) mayHave(prefix uint32) bool {
	return slices.ContainsFunc(p.extents, func(at extent) bool { return at.prefix == prefix })
}
