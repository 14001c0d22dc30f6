package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

const (
	// columnGap separates the columns of a table, and a label from its value.
	columnGap = 2
	// foldIndent is how far the further lines of a folded text are indented.
	foldIndent = 4
	// foldLeast is the width below which nothing is folded.
	foldLeast = 20
)

// fold breaks a text into lines that fit a width in columns: at spaces, and a longer word
// behind a comma or slash, or anywhere. Further lines are narrower by indent. Without a
// width, or with a tiny one, the text stays whole.
func fold(text string, width, indent int) []string {
	if width < foldLeast+indent || lipgloss.Width(text) <= width {
		return []string{text}
	}
	var lines []string
	line, wordless := "", true
	next := func() {
		if lines == nil {
			width -= indent
		}
		lines, line, wordless = append(lines, line), "", true
	}
	for _, part := range spaced.FindAllStringSubmatch(text, -1) {
		gap, word := part[1], part[2]
		if !wordless && lipgloss.Width(line+gap+word) > width {
			next()
		}
		if !wordless || lines == nil {
			line += gap
		}
		for lipgloss.Width(line+word) > width {
			head := headOf(word, max(1, width-lipgloss.Width(line)))
			line, word = line+head, word[len(head):]
			next()
		}
		line, wordless = line+word, false
	}
	return append(lines, line)
}

// spaced is a word with the spaces before it.
var spaced = regexp.MustCompile(`( *)([^ ]+)`)

// headOf returns what of a word stands on a line of that width, which is less than the
// word has: up to a comma or slash in the second half, else as much as fits.
func headOf(word string, width int) string {
	end, at := 0, 0
	for i, r := range word {
		next := i + len(string(r))
		if i > 0 && lipgloss.Width(word[:next]) > width {
			break
		}
		if end = next; (r == ',' || r == '/') && end > width/2 {
			at = end
		}
	}
	if at > 0 {
		return word[:at]
	}
	return word[:end]
}

// printFolded prints a text, on a terminal folded with an indent of its further lines.
func printFolded(w io.Writer, text string, indent int) {
	for line := range strings.SplitSeq(text, "\n") {
		printLines(w, fold(line, terminalWidth(w), indent), indent)
	}
}

// printLines prints lines, all but the first indented.
func printLines(w io.Writer, lines []string, indent int) {
	for i, line := range lines {
		if i > 0 {
			line = strings.Repeat(" ", indent) + line
		}
		fmt.Fprintln(w, line)
	}
}

// printLabelled prints lines of a left and a right part, the right ones aligned and, on a
// terminal, folded. The lines in alarms are red where there are colours.
func printLabelled(w io.Writer, margin string, lines [][2]string, alarms ...int) {
	widest := 0
	for _, line := range lines {
		widest = max(widest, lipgloss.Width(line[0]))
	}
	at := len(margin) + widest + columnGap
	width := terminalWidth(w) - at
	for i, line := range lines {
		style := ""
		if slices.Contains(alarms, i) {
			style = red
		}
		inStyle(w, style, func() {
			fmt.Fprint(w, margin, line[0], strings.Repeat(" ", widest+columnGap-lipgloss.Width(line[0])))
			printLines(w, fold(line[1], width, 0), at)
		})
	}
}
