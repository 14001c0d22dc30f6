package main

import (
	"io"
	"os"
	"slices"
	"unicode/utf8"

	"github.com/medibloc/pdx/internal/text"
)

// display is what the command line writes to: standard output or standard error.
// Everything passes through Write, which escapes what could hide or fake text on a
// terminal, whoever wrote it: strangers have their texts in criteria, names,
// findings and errors. Only control may move the cursor.
type display struct {
	w      io.Writer
	rest   []byte // the beginning of a character that the next Write completes
	colour bool   // it shows colours
}

// Styles of what is printed, as terminals are told.
const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	reset = "\x1b[0m"
)

// When colours are shown, as --color says it.
const (
	colourAuto   = "auto" // on a terminal, unless NO_COLOR is set or the terminal is a simple one
	colourAlways = "always"
	colourNever  = "never"
)

// setColours makes streams show colours or not.
func setColours(when string, streams ...io.Writer) {
	simple := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	for _, w := range streams {
		if d, ok := w.(*display); ok {
			d.colour = when == colourAlways || when == colourAuto && !simple && isTerminal(w)
		}
	}
}

// inStyle prints in a style if the stream shows colours. What print writes is escaped as ever.
func inStyle(w io.Writer, style string, print func()) {
	if d, ok := w.(*display); ok && d.colour && style != "" {
		_, _ = io.WriteString(d.w, style)
		defer func() { _, _ = io.WriteString(d.w, reset) }()
	}
	print()
}

// onDisplay returns w as a display.
func onDisplay(w io.Writer) io.Writer {
	if _, ok := w.(*display); ok || w == nil {
		return w
	}
	return &display{w: w}
}

// Write implements io.Writer: it writes lines of text without control characters
// except line feeds and tabs.
func (d *display) Write(p []byte) (int, error) {
	whole := slices.Concat(d.rest, p)
	end := len(whole) - unfinished(whole)
	d.rest = whole[end:]
	if _, err := io.WriteString(d.w, text.EscapeLines(string(whole[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// unfinished is the number of bytes at the end of p that begin a character.
func unfinished(p []byte) int {
	for n := 1; n <= min(len(p), utf8.UTFMax-1); n++ {
		if tail := p[len(p)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// raw returns what a display writes to, for bytes that are not text: those of another
// program and of a document that is copied byte for byte, and the cursor movements
// of a progress bar. A stranger's text must not go there on a terminal.
func raw(w io.Writer) io.Writer {
	if d, ok := w.(*display); ok {
		return d.w
	}
	return w
}

// file returns the file that a stream is, nil if it is none.
func file(stream any) *os.File {
	if w, ok := stream.(io.Writer); ok {
		stream = raw(w)
	}
	f, _ := stream.(*os.File)
	return f
}
