package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"
)

// Table is what one benchmark measured.
type Table struct {
	Name    string   `json:"name"`    // of its file, without an extension
	Title   string   `json:"title"`   // one line, for people
	Columns []string `json:"columns"` // each with its unit
	Rows    []Row    `json:"rows"`
	Notes   []string `json:"notes,omitempty"` // what a reader must know to read it right
	Ran     Ran      `json:"ran"`
}

// Row is one line: a value for each column.
type Row struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
}

// Ran is what a table was measured on.
type Ran struct {
	At         time.Time `json:"at"`
	Go         string    `json:"go"`
	Platform   string    `json:"platform"`
	Processors int       `json:"processors"` // of the machine
	Used       int       `json:"used"`       // GOMAXPROCS
}

// Add appends a row.
func (t *Table) Add(name string, values ...float64) {
	t.Rows = append(t.Rows, Row{Name: name, Values: values})
}

// Note appends a sentence below the table.
func (t *Table) Note(format string, values ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, values...))
}

// Report prints the table to standard output and keeps it as JSON.
func (t *Table) Report() error {
	t.Ran = Ran{
		At: time.Now().UTC().Truncate(time.Second), Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Processors: runtime.NumCPU(), Used: runtime.GOMAXPROCS(0),
	}
	if err := t.Write(os.Stdout); err != nil {
		return err
	}
	return t.keep(os.Getenv("PDX_BENCH_JSON"))
}

// Write prints the table for people.
func (t *Table) Write(to io.Writer) error {
	width := 0
	for _, row := range t.Rows {
		width = max(width, utf8.RuneCountInString(row.Name))
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\n%s\n", t.Title)
	fmt.Fprintf(w, "%*s\t%s\t\n", width, "", strings.Join(t.Columns, "\t"))
	for _, row := range t.Rows {
		fmt.Fprintf(w, "%-*s\t", width, row.Name)
		for _, v := range row.Values {
			fmt.Fprint(w, figure(v), "\t")
		}
		fmt.Fprintln(w)
	}
	for _, note := range t.Notes {
		fmt.Fprintln(w, "  "+note)
	}
	return w.Flush()
}

// figure writes three digits of a number, or all of a larger whole one.
func figure(v float64) string {
	if v >= 1000 || v <= -1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func (t *Table) keep(folder string) error {
	if folder == "" {
		return nil
	}
	raw, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return fmt.Errorf("encode table %s: %w", t.Name, err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("keep table %s: %w", t.Name, err)
	}
	if err := os.WriteFile(filepath.Join(folder, t.Name+".json"), append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("keep table %s: %w", t.Name, err)
	}
	return nil
}
