package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/lipgloss/table"
	"golang.org/x/term"
)

const (
	// columnGap separates the columns of a table.
	columnGap = 2
	// columnLeast is the width below which no column is cut: a price, a state or a
	// short number stay whole.
	columnLeast = 10
)

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
	widths := r.fit(terminalWidth(p.w))
	cell := lipgloss.NewStyle().PaddingRight(columnGap)
	t := table.New().Headers(r.head...).Rows(r.body...).
		Border(lipgloss.HiddenBorder()).BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).
		BorderColumn(false).BorderHeader(false).
		StyleFunc(func(row, column int) lipgloss.Style {
			if row != table.HeaderRow && widths != nil && column == len(widths)-1 {
				return lipgloss.NewStyle().Width(widths[column]) // wraps
			}
			return cell
		})
	for i, line := range strings.Split(t.Render(), "\n") {
		line = strings.TrimRight(line, " ")
		if i == 0 {
			p.heading(line)
			continue
		}
		fmt.Fprintln(p.w, line)
	}
}

// heading prints a line in bold, on a terminal that has bold.
func (p printer) heading(line string) {
	if !isTerminal(p.w) {
		fmt.Fprintln(p.w, line)
		return
	}
	fmt.Fprintln(raw(p.w), lipgloss.NewStyle().Bold(true).Render(clean(line)))
}

// fit makes the rows fit a terminal of that width, and returns the widths of the columns:
// the widest columns are cut until the table fits, and the last one wraps instead. Without
// a width, which is what a file or a pipe has, everything stays whole, and it returns nil.
func (r *rows) fit(width int) []int {
	if width <= 0 {
		return nil
	}
	widths := make([]int, len(r.head))
	total := columnGap * (len(widths) - 1)
	for i := range widths {
		for _, row := range append([][]string{r.head}, r.body...) {
			widths[i] = max(widths[i], lipgloss.Width(row[i]))
		}
		total += widths[i]
	}
	for ; total > width; total-- {
		widest := 0
		for i, w := range widths {
			if w >= widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= columnLeast {
			break
		}
		widths[widest]--
	}
	last := len(widths) - 1
	for _, row := range append([][]string{r.head}, r.body...) {
		for i := range row[:last] {
			row[i] = cut(row[i], widths[i])
		}
	}
	return widths
}

// cut shortens a text to a width in columns, with an ellipsis at its end.
func cut(text string, width int) string {
	if lipgloss.Width(text) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && lipgloss.Width(string(runes))+1 > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// terminalWidth is how many columns a terminal has; 0 if w is none.
func terminalWidth(w io.Writer) int {
	if !isTerminal(w) {
		return 0
	}
	width, _, err := term.GetSize(int(file(w).Fd()))
	if err != nil {
		return 0
	}
	return width
}
