package web

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// apiPrefix begins the path of every call.
const apiPrefix = "/" + nodepbconnect.NodeServiceName + "/"

// policy restricts the page to its own files and its own server. With trusted types
// the browser itself refuses to turn text into markup.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guard checks every request before it is answered.
type guard struct {
	hosts map[string]bool // Host headers
	token token
	page  http.Handler
	rpc   http.Handler
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	harden(w.Header())
	origin := r.Header.Get("Origin")
	switch {
	case !g.hosts[r.Host]:
		refuse(w, http.StatusForbidden, connect.CodePermissionDenied, "unknown Host header: open the page by the link that `pdx web` prints")
	case origin != "" && origin != "http://"+r.Host:
		refuse(w, http.StatusForbidden, connect.CodePermissionDenied, "requests from other sites are refused")
	case strings.HasPrefix(r.URL.Path, apiPrefix):
		g.call(w, r)
	default:
		g.page.ServeHTTP(w, r)
	}
}

func harden(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// call checks a call of the API and passes it on if it only reads.
func (g *guard) call(w http.ResponseWriter, r *http.Request) {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	site := r.Header.Get("Sec-Fetch-Site") // a browser's own word, where it gives one
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case site != "" && site != "same-origin":
		refuse(w, http.StatusForbidden, connect.CodePermissionDenied, "requests from other sites are refused")
	case !g.token.matches(bearer):
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, http.StatusUnauthorized, connect.CodeUnauthenticated, "the token is missing or wrong; `pdx web` prints the current one")
	case !allowed[r.URL.Path]:
		refuse(w, http.StatusForbidden, connect.CodePermissionDenied, "the page can only read")
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, connect.CodeUnimplemented, "use POST")
	case media != "application/json":
		refuse(w, http.StatusUnsupportedMediaType, connect.CodeInvalidArgument, "use the content type application/json")
	default:
		ctx, cancel := context.WithTimeout(r.Context(), callTimeout)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		g.rpc.ServeHTTP(w, r.WithContext(ctx))
	}
}

// refuse answers with an error in the form of the API's own.
func refuse(w http.ResponseWriter, status int, code connect.Code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": code.String(), "message": message}) // the reader is gone: nobody to tell
}
