package thrift

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFields(t *testing.T) {
	// 1: i32 -1, 2: list of 3 i64, 5: struct {1: true}, 20: binary "ab", 21: map {1: 2}
	raw := []byte{0x15, 0x01, 0x19, 0x36, 2, 4, 6, 0x3c, 0x11, 0x00, 0x08, 40, 2, 'a', 'b', 0x1b, 1, 0x55, 2, 4, 0x00}
	var ids []int64
	r := NewReader(raw)
	require.NoError(t, r.Fields(func(id int64, kind byte) (bool, error) {
		if ids = append(ids, id); id == 1 {
			n, err := r.Int()
			require.EqualValues(t, I32, kind)
			require.EqualValues(t, -1, n)
			return true, err
		}
		return false, nil
	}))
	require.Equal(t, []int64{1, 2, 5, 20, 21}, ids)
	require.Equal(t, len(raw), r.At())
	for n := range raw {
		require.ErrorIs(t, NewReader(raw[:n]).Fields(nil), ErrShort, n)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"a list that claims more than there is": {[]byte{0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x0f, 1}, ErrShort},
		"text that claims more than there is":   {[]byte{0x18, 0xff, 0xff, 0xff, 0xff, 0x0f, 'x'}, ErrShort},
		"a type that does not exist":            {[]byte{0x1d, 0}, errType},
		"depth":                                 {bytes.Repeat([]byte{0x1c}, 40), errDepth},
		"depth of lists":                        {append([]byte{0x19}, bytes.Repeat([]byte{0x19}, 40)...), errDepth},
		"a number without an end":               {append([]byte{0x15}, bytes.Repeat([]byte{0xff}, 12)...), errInt},
		"many empty structures":                 {append([]byte{0x19, 0xfc, 0xc1, 0x9a, 0x0c}, make([]byte, 210_000)...), errMany},
	} {
		require.ErrorIs(t, NewReader(c.raw).Fields(nil), c.want, name)
	}
}

func FuzzFields(f *testing.F) {
	f.Add([]byte{0x15, 0x01, 0x19, 0x36, 2, 4, 6, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := NewReader(raw)
		if r.Fields(nil) == nil {
			require.LessOrEqual(t, r.At(), len(raw))
			require.NoError(t, NewReader(raw[:r.At()]).Fields(nil))
		}
	})
}
