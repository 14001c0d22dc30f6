package web

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strconv"
)

//go:embed page
var pageFiles embed.FS

// types are what the page's files are; no system's own table is asked.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// page serves files by their exact paths.
type page map[string]file

type file struct {
	media string
	body  []byte
}

func newPage() (page, error) {
	p := page{}
	entries, err := fs.ReadDir(pageFiles, "page")
	for _, e := range entries {
		body, err := fs.ReadFile(pageFiles, path.Join("page", e.Name()))
		if err != nil {
			return nil, err
		}
		p["/"+e.Name()] = file{types[path.Ext(e.Name())], body}
	}
	p["/"] = p["/index.html"]
	return p, err
}

func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := p[r.URL.Path]
	switch {
	case !ok:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the page is only read", http.StatusMethodNotAllowed)
	default:
		w.Header().Set("Content-Type", f.media)
		w.Header().Set("Content-Length", strconv.Itoa(len(f.body)))
		_, _ = w.Write(f.body) // the reader is gone: nobody to tell
	}
}
