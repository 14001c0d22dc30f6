package types

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTextOfEveryLanguagePrints(t *testing.T) {
	for _, text := range []string{"", "Blood pressure, 2026", "Größe", "혈압 기록", "血圧の記録", "سجلات", "😀", "a\u00a0b"} {
		require.NoError(t, checkText("title", text, 100), text)
	}
}

// TestTextThatForges: each of these moves, hides or turns what stands beside it.
func TestTextThatForges(t *testing.T) {
	for _, text := range []string{
		"a\nb", "a\tb", "\x1b[2J", "\x7f", "\u0085", "pay\u202eyap", "a\u200bb", "a\u2028b",
		"\ufeffa", "\ue000", "\U000e0041", "\U0010ffff", "\xff",
	} {
		require.ErrorIs(t, checkText("title", text, 100), ErrText, "%q", text)
	}
	require.NoError(t, checkParagraphs("description", "a\nb", 100))
	require.ErrorIs(t, checkParagraphs("description", "a\rb", 100), ErrText)
	require.ErrorIs(t, checkText("title", "long", 3), ErrText)
}
