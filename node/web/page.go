package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/medibloc/pdx/internal/message"
)

//go:embed page
var pageFiles embed.FS

// types are what the page's files are; no system's own table is asked.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".svg":  "image/svg+xml",
}

// page serves files by their exact paths, each in the reader's language.
type page map[string]files

// files are the page's files by path.
type files map[string]file

type file struct {
	media string
	body  []byte
}

// newPage makes the page in all languages that have a catalogue.
func newPage() (page, error) {
	p := page{}
	for _, lang := range message.Languages() {
		var err error
		if p[lang], err = newFiles(message.For(lang)); err != nil {
			return nil, fmt.Errorf("page in %s: %w", lang, err)
		}
	}
	return p, nil
}

// newFiles makes the page in one language: its HTML is a template, and texts.json has
// what its scripts show.
func newFiles(texts *message.Catalog) (files, error) {
	made := files{}
	entries, err := fs.ReadDir(pageFiles, "page")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		body, err := fs.ReadFile(pageFiles, path.Join("page", e.Name()))
		if err == nil && path.Ext(e.Name()) == ".html" {
			body, err = fillIn(body, texts)
		}
		if err != nil {
			return nil, err
		}
		made["/"+e.Name()] = file{types[path.Ext(e.Name())], body}
	}
	body, err := json.Marshal(map[string]any{"lang": texts.Lang(), "texts": texts.Forms("page.", "state.", "stage.")})
	made["/texts.json"] = file{types[".json"], body}
	made["/"] = made["/index.html"]
	return made, err
}

// fillIn puts texts into HTML: {{t "key"}} as they are, {{code "key"}} with what is in
// backquotes as code.
func fillIn(html []byte, texts *message.Catalog) ([]byte, error) {
	text := func(key string) string { return texts.Text("page." + key) }
	code := func(key string) template.HTML {
		var out strings.Builder
		for i, part := range strings.Split(text(key), "`") {
			if part = template.HTMLEscapeString(part); i%2 == 1 {
				part = "<code>" + part + "</code>"
			}
			out.WriteString(part)
		}
		return template.HTML(out.String())
	}
	t, err := template.New("page").Funcs(template.FuncMap{"t": text, "code": code, "lang": texts.Lang}).Parse(string(html))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, nil)
	return out.Bytes(), err
}

// in returns the files in the language that suits a reader best.
func (p page) in(r *http.Request) files {
	return p[message.For(r.Header.Get("Accept-Language")).Lang()]
}

func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := p.in(r)[r.URL.Path]
	switch {
	case !ok:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "use GET", http.StatusMethodNotAllowed)
	default:
		w.Header().Set("Content-Type", f.media)
		w.Header().Set("Content-Length", strconv.Itoa(len(f.body)))
		_, _ = w.Write(f.body) // the reader is gone: nobody to tell
	}
}
