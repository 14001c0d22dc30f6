package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
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

// plain is what Decode would make of a value of a Tree.
func plain(v Value) any {
	switch v.Kind() {
	case '{':
		object := map[string]any{}
		for name, member := range v.Members() {
			object[string(name.Text())] = plain(member)
		}
		return object
	case '[':
		array := []any{}
		for i, element := range v.Elements() {
			if i != len(array) {
				panic("not numbered")
			}
			array = append(array, plain(element))
		}
		return array
	case '"':
		return string(v.Text())
	case 't':
		return true
	case 'f':
		return false
	case 'n':
		return nil
	}
	return json.Number(v.Raw())
}

// Parse and Decode take the same, with the same meaning, and refuse the same,
// for the same reason at the same place.
func FuzzParse(f *testing.F) {
	many := `{"n0":0,"n1":1,"n2":2,"n3":3,"n4":4,"n5":5,"n6":6,"n7":7,"n8":8,"n9":9,"\u006e3x":[],` +
		`"n10":10,"n11":{},"n12":1,"n13":1,"n14":1,"n15":1,"n16":1`
	for _, seed := range []string{
		`{"a":[1,2.5e-3,"x\n",null,true]}`, `"\ud83d\ude00"`, `[[[]],{},[ ],{ "":[{"":0}]}]`,
		`{"a":1,"a":2}`, "\xff", ` [ 0 , 0 ] `, `{"a":{"b":1,"\u0062":2}}`,
		many + `}`, many + `,"n12":2}`, many + `,"\u006e1":2}`, `[` + many + `},` + many + `}]`,
		`[1,]`, `{"a":[`, `[",:[{\"]"]`, strings.Repeat("[", 200),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		want, wantErr := Decode(data)
		tree, err := Parse(data)
		require.Equal(t, wantErr, err)
		if err != nil {
			return
		}
		require.Equal(t, want, plain(tree.Root()))
		require.Len(t, tree.nodes, countNodes(data), "counted")
		switch v := want.(type) {
		case []any:
			require.Equal(t, len(v), tree.Root().Len())
		case map[string]any:
			require.Equal(t, len(v), tree.Root().Len())
			for name := range v {
				_, ok := tree.Root().Member(name)
				require.True(t, ok)
			}
		}
	})
}

// A run ends at the same byte as one that is looked at byte by byte.
func TestPlainRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.OneOf(rapid.ByteRange('a', 'z'), rapid.Byte()), 0, 40).Draw(t, "data")
		from := rapid.IntRange(0, len(data)).Draw(t, "from")
		want := from
		for want < len(data) && data[want] >= ' ' && data[want] != '"' && data[want] != '\\' && data[want] < 0x80 {
			want++
		}
		if got := PlainRun(data, from); got != want {
			t.Fatalf("%d in %q from %d: want %d", got, data, from, want)
		}
	})
}
