package jail

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/flat"
)

// rowsIn collects what a reader takes.
func rowsIn(r *rowReader) *[]flat.Row {
	var rows []flat.Row
	r.take = func(row flat.Row) error {
		row.Text, row.Keys = bytes.Clone(row.Text), append([]flat.Key(nil), row.Keys...)
		rows = append(rows, row)
		return nil
	}
	return &rows
}

// What a child sends is what its parent takes, however the messages are cut.
func TestRowsPass(t *testing.T) {
	long := append(append([]byte(`{"a":"`), bytes.Repeat([]byte{'x'}, 3*chunk)...), `"}`...)
	want := []flat.Row{
		{
			Number: 1, Text: []byte(`{"a":1}`), Content: flat.Digest{1},
			Keys: []flat.Key{{Number: 0, Digest: flat.Digest{2}}, {Number: 7, Digest: flat.Digest{3}}},
		},
		{Number: 2, Rule: "json"},
		{Rule: "table-header"},
		{Number: 5, Text: long},
	}
	var wire bytes.Buffer
	sent := &rowWriter{child: &child{out: &wire}}
	for _, row := range want {
		require.NoError(t, sent.take(row))
	}
	require.NoError(t, sent.flush())
	reader := &rowReader{}
	got := rowsIn(reader)
	for messages := 0; wire.Len() > 0; messages++ {
		kind, body, err := readFrame(&wire, nil, maxResult)
		require.NoError(t, err)
		require.EqualValues(t, kindRows, kind)
		require.NoError(t, reader.message(body))
	}
	require.Equal(t, want, *got)
}

func TestRowsThatAreRefused(t *testing.T) {
	text := func(s string) []byte { return append([]byte{partText, byte(len(s)), 0, 0, 0}, s...) }
	end := func(number byte) []byte {
		return append([]byte{partRecord, number, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 17)...)
	}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, body := range map[string][]byte{
		"no part":              {9},
		"short text":           {partText, 5, 0, 0, 0, '{'},
		"no text":              end(1),
		"two lines":            join(text("{\n}"), end(1)),
		"no object":            join(text("[1]"), end(1)),
		"no number":            join(text("{}"), end(0)),
		"the same number":      join(text("{}"), end(1), text("{}"), end(1)),
		"short record":         join(text("{}"), end(1)[:20]),
		"a key of another":     join(text("{}"), end(1)[:25], []byte{1, 8}, make([]byte, 16)),
		"no rule":              {partDefect, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"a defect within text": join(text("{"), []byte{partDefect, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 'x'}),
	} {
		reader := &rowReader{}
		rowsIn(reader)
		require.ErrorIs(t, reader.message(body), errFrame, name)
	}
	reader := &rowReader{text: make([]byte, maxRow)}
	require.ErrorIs(t, reader.message(text("{")), errFrame, "a record that is too long")
}

// FuzzRows: no message ends the parent, or makes it hold more than a record.
func FuzzRows(f *testing.F) {
	f.Add([]byte{partText, 2, 0, 0, 0, '{', '}', partRecord, 1, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{partDefect, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 'x'})
	f.Fuzz(func(t *testing.T, body []byte) {
		reader := &rowReader{take: func(row flat.Row) error {
			require.True(t, row.Rule != "" || onOneLine(row.Text))
			return nil
		}}
		_ = reader.message(body)
		require.LessOrEqual(t, len(reader.text), len(body))
	})
}
