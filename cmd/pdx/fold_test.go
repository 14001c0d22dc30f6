package main

import (
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"a short text", 20, []string{"a short text"}},
		{"no terminal has no width, so nothing is folded", 0, []string{"no terminal has no width, so nothing is folded"}},
		{"words stay whole when a line is full", 20, []string{"words stay whole", "when a line is full"}},
		{"  the indent of the first line stays", 20, []string{"  the indent of the", "first line stays"}},
		{"/ip4/127.0.0.1/tcp/4001/p2p/12D3Koo", 28, []string{"/ip4/127.0.0.1/tcp/4001/p2p/", "12D3Koo"}},
		{strings.Repeat("x", 45), 20, []string{strings.Repeat("x", 20), strings.Repeat("x", 20), "xxxxx"}},
		{"health    chain      ok  gaps within a line stay", 30, []string{"health    chain      ok  gaps", "within a line stay"}},
		{"가가가가가가가가가가가", 20, []string{"가가가가가가가가가가", "가"}},
	} {
		require.Equal(t, c.want, fold(c.text, c.width, 0), c.text)
	}
}

// TestFoldLosesNothing folds any text: each line fits, and together they are the text.
func TestFoldLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.StringMatching(`[a-z가,/\-]{1,60}`), 1, 12).Draw(t, "words"), " ")
		width := rapid.IntRange(foldLeast, 100).Draw(t, "width")
		indent := rapid.IntRange(0, 8).Draw(t, "indent")
		lines := fold(text, width+indent, indent)
		for i, line := range lines {
			room := width
			if i == 0 {
				room += indent
			}
			require.LessOrEqual(t, lipgloss.Width(line), room, "%q", line)
		}
		require.Equal(t, strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(strings.Join(lines, ""), " ", ""))
	})
}
