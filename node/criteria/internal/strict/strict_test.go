package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDecodeKeepsNumbersExact(t *testing.T) {
	v, err := Decode([]byte(` {"a":[7.0000000000000001,-0,1e+5],"b":"\u00e9\ud83d\ude00","c":null,"d":[true,false]} `))
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"a": []any{json.Number("7.0000000000000001"), json.Number("-0"), json.Number("1e+5")},
		"b": "é😀", "c": nil, "d": []any{true, false},
	}, v)
}

func TestDecodeRefuses(t *testing.T) {
	deep := strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1)
	for text, want := range map[string]string{
		``:                         "json ",
		`{`:                        "json ",
		`{"a" 1}`:                  "json ",
		`{"a":1,}`:                 "json ",
		`[1,]`:                     "json /1",
		`{"a":1} x`:                "json ",
		"{} \x00":                  "json ",
		`01`:                       "json ",
		`1.`:                       "json ",
		`+1`:                       "json ",
		`NaN`:                      "json ",
		`Infinity`:                 "json ",
		`nul`:                      "json ",
		"\"\x01\"":                 "json ",
		`"\x41"`:                   "json ",
		`"\u+041"`:                 "json ",
		`{"a":{"b":1,"\u0062":2}}`: "duplicate-member /a/b",
		"[\"\xff\"]":               "utf8 /0",
		`{"a/b":["\ud800"]}`:       "utf8 /a~1b/0",
		`"\udc00\ud800"`:           "utf8 ",
		`1e1000`:                   "number ",
		`[1e99999999999999999999]`: "number /0",
		strings.Repeat("9", 257):   "number ",
		deep:                       "depth " + strings.Repeat("/0", MaxDepth),
	} {
		_, err := Decode([]byte(text))
		var broken *Error
		require.True(t, errors.As(err, &broken), "%.40q: %v", text, err)
		require.Equal(t, want, broken.Rule+" "+Pointer(broken.Path), "%.40q", text)
	}
}

// What strict takes, encoding/json takes with the same meaning.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e-3,"x\n",null,true]}`, `"\ud83d\ude00"`, `[[[]]]`, `{"a":1,"a":2}`, "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Decode(data)
		if err != nil {
			var broken *Error
			require.True(t, errors.As(err, &broken))
			return
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		var want any
		require.NoError(t, d.Decode(&want))
		require.Equal(t, want, got)
	})
}
