package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"golang.org/x/term"
)

// shortest is the width to which ids and other texts of a table are cut where it does not
// fit the terminal. A number, a price or a state is never longer than it.
const shortest = 13

// rows is a table for people: aligned columns, no lines.
type rows struct {
	head []string
	body [][]string
}

// rows begins a table; the catalogue has the columns' headings.
func (p printer) rows(columns ...string) *rows {
	r := &rows{}
	for _, name := range columns {
		heading := ""
		if name != "" {
			heading = p.t("column." + name)
		}
		r.head = append(r.head, heading)
	}
	return r
}

func (r *rows) add(cells ...string) {
	for i, cell := range cells {
		cells[i] = clean(cell)
	}
	r.body = append(r.body, cells)
}

// table prints the rows, or the text of a key when there are none.
func (p printer) table(r *rows, none string) {
	if len(r.body) == 0 {
		p.say(none)
		return
	}
	width := terminalWidth(p.w)
	widths := r.fit(width)
	for i, row := range slices.Insert(r.body, 0, r.head) {
		line, below := layOut(row, widths, width)
		if i == 0 {
			p.heading(line)
		} else {
			fmt.Fprintln(p.w, line)
		}
		for _, text := range below {
			fmt.Fprintln(p.w, strings.Repeat(" ", foldIndent)+text)
		}
	}
}

// heading prints the line of a table's headings, bold where there are colours.
func (p printer) heading(line string) {
	inStyle(p.w, bold, func() { fmt.Fprintln(p.w, line) })
}

// layOut makes the line of a row. What the last cell has beyond the terminal stands below
// it, on lines of its own: a path or a reason is never cut.
func layOut(row []string, widths []int, width int) (line string, below []string) {
	last := len(row) - 1
	for i, cell := range row[:last] {
		cell = cut(cell, widths[i])
		line += cell + strings.Repeat(" ", widths[i]+columnGap-lipgloss.Width(cell))
	}
	if width > 0 && lipgloss.Width(line)+lipgloss.Width(row[last]) > width {
		return strings.TrimRight(line, " "), fold(row[last], width-foldIndent, 0)
	}
	return strings.TrimRight(line+row[last], " "), nil
}

// fit returns the widths of the columns for a terminal of that width. Where the rows do not
// fit, ids are cut first; the last column then leaves the line; and at last the widest
// columns are cut, none below shortest. Without a width, which is what a file or a pipe
// has, everything stays whole.
func (r *rows) fit(width int) []int {
	widths, whole := make([]int, len(r.head)), 0
	ids := make([]bool, len(r.head))
	for i := range widths {
		widths[i] = lipgloss.Width(r.head[i])
		for _, row := range r.body {
			widths[i] = max(widths[i], lipgloss.Width(row[i]))
			ids[i] = ids[i] || strings.Contains(row[i], ellipsis)
		}
		whole += widths[i] + columnGap
	}
	if width <= 0 || whole-columnGap <= width {
		return widths
	}
	r.shrink(widths, whole-columnGap-width, func(i int) bool { return ids[i] && i < len(widths)-1 })
	line := columnGap * (len(widths) - 2) // without the last column
	for _, w := range widths[:len(widths)-1] {
		line += w
	}
	r.shrink(widths, line-width, func(i int) bool { return i < len(widths)-1 })
	return widths
}

// shrink makes columns narrower, the widest first, until together they have lost so much.
func (r *rows) shrink(widths []int, by int, may func(column int) bool) {
	for ; by > 0; by-- {
		widest := -1
		for i, w := range widths {
			if may(i) && w > max(shortest, lipgloss.Width(r.head[i])) && (widest < 0 || w >= widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// ellipsis stands for what was cut out.
const ellipsis = "…"

// cut shortens a text to a width in columns: an id or a path, which has no spaces, in its
// middle, other texts at the end.
func cut(text string, width int) string {
	if lipgloss.Width(text) <= width {
		return text
	}
	head, tail := []rune(text), []rune(nil)
	if !strings.Contains(text, " ") {
		before, after, short := strings.Cut(text, ellipsis)
		if !short {
			before, after = string(head[:len(head)/2]), string(head[len(head)/2:])
		}
		head, tail = []rune(before), []rune(after)
	}
	for lipgloss.Width(string(head))+1+lipgloss.Width(string(tail)) > width && len(head)+len(tail) > 0 {
		if len(head) >= len(tail) {
			head = head[:len(head)-1]
		} else {
			tail = tail[1:]
		}
	}
	return string(head) + ellipsis + string(tail)
}

// terminalWidth is how many columns a terminal has; 0 if w is none.
func terminalWidth(w io.Writer) int {
	if part, ok := w.(interface{ columns() int }); ok { // of a screen
		return part.columns()
	}
	if !isTerminal(w) {
		return 0
	}
	width, _, err := term.GetSize(int(file(w).Fd()))
	if err != nil {
		return 0
	}
	return width
}
