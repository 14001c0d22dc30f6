package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/store"
)

func TestFieldsOf(t *testing.T) {
	body := []byte(`{"Name":"a\u00e9","Pool":7,"Deal":12,"Of":{"Root":"x","Deep":{"N":1.5}},"Live":true,"Key":[1,200],"None":null,"Below":-1}`)
	for field, want := range map[string]any{
		"Name": "aé", "Pool": int64(7), "Of.Root": "x", "Of.Deep.N": 1.5, "Live": int64(1), "Key": "[1,200]", "None": nil, "Missing": nil,
		"Of": nil, "Of.Missing": nil, "Name.Root": nil, "Pool,Below": nil, "Pool,Name": nil,
		"Pool,Deal":    "0000000000000000007,0000000000000000012",
		"Missing,Pool": nil,
	} {
		require.Equal(t, want, store.FieldOf(body, field), field)
	}
	require.Equal(t, []any{int64(7), "x", int64(12)}, store.FieldsOf(body, []string{"Pool", "Of.Root", "Deal"}))
	for _, bad := range []string{"", "[1]", `"text"`, `{"Pool":7`, "null"} {
		require.Equal(t, []any{nil}, store.FieldsOf([]byte(bad), []string{"Pool"}), bad)
	}
}
