package main

import (
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/stretchr/testify/require"
)

const account = "panacea1lrwyqv0k7m2c9aw0e3xgdrh2lwd8ky77t7fwws"

// rendered are the lines of a table on a terminal of that width, after cleaning.
func rendered(r *rows, width int) (lines []string) {
	widths := r.fit(width)
	for _, row := range append([][]string{r.head}, r.body...) {
		line, below := layOut(row, widths, width)
		lines = append(append(lines, line), below...)
	}
	return lines
}

func TestATableWithoutATerminalStaysWhole(t *testing.T) {
	r := &rows{head: []string{"DEAL", "REASON"}, body: [][]string{{"12", strings.Repeat("long ", 60) + "reason"}}}
	require.Equal(t, []string{"DEAL  REASON", "12    " + strings.Repeat("long ", 60) + "reason"}, rendered(r, 0))
}

func TestATableThatFitsIsOneLineARow(t *testing.T) {
	r := &rows{head: []string{"DEAL", "BUYER"}, body: [][]string{{"12", account}}}
	require.Equal(t, []string{"DEAL  BUYER", "12    " + account}, rendered(r, 80))
}

// TestTheLastColumnIsNeverCut puts what does not fit below its row.
func TestTheLastColumnIsNeverCut(t *testing.T) {
	reason := "the buyer's node is offline and nobody else serves the ciphertext: it is tried again every five minutes"
	r := &rows{head: []string{"POOL", "DEAL", "REASON"}, body: [][]string{{"1", "12", reason}, {"1", "13", "short"}}}
	lines := rendered(r, 80)
	require.Equal(t, "1     12", lines[1])
	require.Equal(t, reason, lines[2]+" "+lines[3])
	require.Equal(t, "1     13    short", lines[4])
}

// TestIDsAreCutBeforeAnythingElse keeps prices and states whole.
func TestIDsAreCutBeforeAnythingElse(t *testing.T) {
	r := &rows{head: []string{"DEAL", "POOL", "STATE", "PRICE", "SIZE", "SELLER", "BUYER"}, body: [][]string{
		{"1000001", "1001", "undelivered", "1000000.123456 MED", "1000 GiB", short(account), short(account)},
	}}
	lines := rendered(r, 80)
	for _, whole := range []string{"1000001", "undelivered", "1000000.123456 MED", "1000 GiB"} {
		require.Contains(t, lines[1], whole)
	}
	require.Equal(t, 2, strings.Count(strings.Join(lines, ""), ellipsis), "both are cut, each once")
}

// TestTablesFitTheTerminal lays out every combination of long and short cells.
func TestTablesFitTheTerminal(t *testing.T) {
	cells := []string{"", "7", short(account), account, "a title with some words in it that is long, as titles are", "가나다라마바사아자차카타파하"}
	for _, width := range []int{60, 80, 100, 132} {
		for _, a := range cells {
			for _, b := range cells {
				for _, c := range cells {
					r := &rows{head: []string{"NAME", "STATE", "PRICE", "WHERE"}, body: [][]string{{a, b, "10 MED", c}}}
					for _, line := range rendered(r, width) {
						require.LessOrEqual(t, lipgloss.Width(line), width, "%q", line)
					}
				}
			}
		}
	}
}

func TestCut(t *testing.T) {
	require.Equal(t, "short", cut("short", 13))
	require.Equal(t, 13, lipgloss.Width(cut(account, 13)))
	require.Equal(t, 13, lipgloss.Width(cut(short(account), 13)))
	require.Equal(t, 1, strings.Count(cut(short(account), 13), ellipsis))
	require.True(t, strings.HasSuffix(cut(account, 13), "fwws"), "both ends of an id are shown")
	require.Equal(t, "Adults: sex,…", cut("Adults: sex, age and marital status", 13))
}
