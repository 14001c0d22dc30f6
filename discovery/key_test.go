package discovery

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
)

// The vector of docs/spec/network.md, computed there by other means.
func TestPoolKeyVector(t *testing.T) {
	require.Equal(t, "bafkreidpveylz4xr2taf2rcsbinoa2r4pogqjsznc5sfuhzftaaxw5gie4", PoolKey("panacea-3", 7, pdx.RoleSeller).String())
}

func TestContentKeyIsTheCID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := pdx.ContentID(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "id"))
		require.Equal(t, id.String(), ContentKey(id).String())
	})
}

func TestPoolKeysAreDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type fields struct {
			chain string
			pool  pdx.PoolID
			role  pdx.Role
		}
		draw := func(label string) fields {
			return fields{
				rapid.StringN(0, 4, -1).Draw(t, label+" chain"),
				pdx.PoolID(rapid.Uint64Range(0, 300).Draw(t, label+" pool")),
				pdx.Role(rapid.StringN(0, 4, -1).Draw(t, label+" role")),
			}
		}
		a, b := draw("a"), draw("b")
		require.Equal(t, a == b, PoolKey(a.chain, a.pool, a.role).Equals(PoolKey(b.chain, b.pool, b.role)))
	})
}

func FuzzListKey(f *testing.F) {
	f.Add("/pool/7/seller")
	f.Add("/content/bafkr4ia")
	f.Add("/content")
	f.Fuzz(func(t *testing.T, key string) {
		a, err := parseListKey(key)
		if err == nil {
			again, err := parseListKey(listKey(a).String())
			require.NoError(t, err)
			require.Equal(t, a, again)
		}
	})
}
