package jsontext

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestStrings(t *testing.T) {
	require.Equal(t, `"\"\\\b\t\n\f\r\u0001\u001f/é😀<"`, string(AppendString(nil, "\"\\\b\t\n\f\r\x01\x1f/é😀<")))
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		var back string
		require.NoError(t, json.Unmarshal(AppendString(nil, s), &back))
		require.Equal(t, s, back)
	})
}

func TestFloats(t *testing.T) {
	for f, want := range map[float64]string{
		0.1: "0.1", 1e21: "1e+21", 1e20: "100000000000000000000", 1e-7: "1e-7", 5e-324: "5e-324", -2.5: "-2.5",
	} {
		got, ok := AppendFloat(nil, f, 64)
		require.True(t, ok)
		require.Equal(t, want, string(got))
	}
	got, _ := AppendFloat(nil, float64(float32(0.1)), 32)
	require.Equal(t, "0.1", string(got))
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, ok := AppendFloat(nil, f, 64)
		require.False(t, ok)
	}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "number")
		want, err := json.Marshal(f) // is spelled as ECMAScript does
		require.NoError(t, err)
		got, ok := AppendFloat(nil, f, 64)
		require.True(t, ok)
		require.Equal(t, string(want), string(got))
	})
}

func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		unscaled int64
		scale    int
		want     string
	}{{-1050, 2, "-10.50"}, {0, 2, "0.00"}, {5, 3, "0.005"}, {-5, 1, "-0.5"}, {123, 0, "123"}, {123, 3, "0.123"}} {
		require.Equal(t, c.want, string(AppendDecimal(nil, big.NewInt(c.unscaled), c.scale)))
	}
}
