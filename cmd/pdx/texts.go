package main

import (
	"io"
	"os"
	"time"

	"github.com/medibloc/pdx/internal/message"
)

// language returns the catalogue of the user's language: PDX_LANG, else the locale.
func language() *message.Catalog {
	var wanted []string
	for _, name := range []string{"PDX_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			wanted = append(wanted, value)
		}
	}
	return message.For(wanted...)
}

// t returns a text of the catalogue.
func (a *app) t(key string, args ...any) string { return a.texts.Text(key, args...) }

// note tells a person at a terminal something that no script wants.
func (a *app) note(key string, args ...any) {
	if !a.json && isTerminal(a.err) {
		printFolded(a.err, a.t(key, args...), 0)
	}
}

// failure is an error in the words of the catalogue, which say what to do.
type failure struct {
	text  string
	kind  error // errUsage or one of package pdx's
	cause error // what else it is; may be nil
}

func (f *failure) Error() string   { return f.text }
func (f *failure) Unwrap() []error { return []error{f.kind, f.cause} }

// fail returns an error of a kind with a text of the catalogue. An argument that is
// an error becomes a cause of it.
func (a *app) fail(kind error, key string, args ...any) error {
	f := &failure{text: a.t(key, args...), kind: kind}
	for _, arg := range args {
		if err, ok := arg.(error); ok {
			f.cause = err
		}
	}
	return f
}

// printer writes an answer for people, in the words of the catalogue.
type printer struct {
	w     io.Writer
	texts *message.Catalog
}

func (a *app) printer(w io.Writer) printer { return printer{w, a.texts} }

func (p printer) t(key string, args ...any) string { return p.texts.Text(key, args...) }

// say prints a line.
func (p printer) say(key string, args ...any) { printFolded(p.w, p.t(key, args...), foldIndent) }

// state returns the name of a state or status.
func (p printer) state(name string) string { return nameOf(p.texts, "state.", name) }

// nameOf returns the text of prefix+word, or of a word that a newer daemon has, the word.
func nameOf(texts *message.Catalog, prefix, word string) string {
	if key := prefix + word; texts.Has(key) {
		return texts.Text(key)
	}
	return clean(word)
}

// duration returns a duration in its two largest units.
func (p printer) duration(d time.Duration) string { return p.texts.Duration(d) }
