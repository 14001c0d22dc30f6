package web

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"time"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// apiPrefix begins the path of every call of the API, actPrefix that of every action.
const (
	apiPrefix = "/" + nodepbconnect.NodeServiceName + "/"
	actPrefix = "/act/"
)

// The media types of requests.
const (
	mediaJSON  = "application/json"
	mediaBytes = "application/octet-stream"
)

// policy restricts the page to its own files and its own server. With trusted types
// the browser itself refuses to turn text into markup.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guard checks every request before it is answered.
type guard struct {
	hosts map[string]bool // Host headers
	key   key
	page  http.Handler
	rpc   http.Handler
	desk  *desk
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
	case strings.HasPrefix(r.URL.Path, actPrefix):
		g.act(w, r)
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

// admit returns the session of a request, or refuses it. The token is in a header that no
// other site can have a browser send, so there is nothing to forge.
func (g *guard) admit(w http.ResponseWriter, r *http.Request) (session, bool) {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	site := r.Header.Get("Sec-Fetch-Site") // a browser's own word, where it gives one
	s, ours := g.key.open(bearer)
	switch {
	case site != "" && site != "same-origin":
		refuse(w, http.StatusForbidden, connect.CodePermissionDenied, "requests from other sites are refused")
	case !ours:
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, http.StatusUnauthorized, connect.CodeUnauthenticated, "the token is missing or wrong; `pdx web` prints the current one")
	case !time.Now().Before(s.until):
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token", error_description="ended"`)
		refuse(w, http.StatusUnauthorized, connect.CodeUnauthenticated, "this session has ended; `pdx web` prints a link to a new one")
	default:
		return s, true
	}
	return session{}, false
}

// call checks a call of the API and passes it on if it only reads.
func (g *guard) call(w http.ResponseWriter, r *http.Request) {
	if _, ok := g.admit(w, r); !ok {
		return
	}
	switch {
	case !readable[r.URL.Path]:
		refuse(w, http.StatusForbidden, connect.CodePermissionDenied, "calls of the API only read here; what changes something is an action")
	case formed(w, r, mediaJSON):
		ctx, cancel := context.WithTimeout(r.Context(), callTimeout)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		g.rpc.ServeHTTP(w, r.WithContext(ctx))
	}
}

// act checks an action against the scopes of the session and does it.
func (g *guard) act(w http.ResponseWriter, r *http.Request) {
	s, ok := g.admit(w, r)
	if !ok {
		return
	}
	a, known := actionAt(strings.TrimPrefix(r.URL.Path, actPrefix))
	switch {
	case !known:
		refuse(w, http.StatusNotFound, connect.CodeUnimplemented, "there is no such action")
	case !s.scopes.permits(a.needs):
		refuse(w, http.StatusForbidden, connect.CodePermissionDenied,
			"this session may not do that; `pdx web --allow "+strings.Join(a.needs.Names()[1:], ",")+"` prints a link to one that may")
	case formed(w, r, a.media):
		g.desk.answer(w, r, s, a)
	}
}

// formed reports whether a request has the method and the media type that it needs, or
// refuses it. A form of another site can have neither.
func formed(w http.ResponseWriter, r *http.Request, want string) bool {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, connect.CodeUnimplemented, "use POST")
	case media != want:
		refuse(w, http.StatusUnsupportedMediaType, connect.CodeInvalidArgument, "use the content type "+want)
	default:
		return true
	}
	return false
}

// refuse answers with an error in the form of the API's own.
func refuse(w http.ResponseWriter, status int, code connect.Code, message string) {
	w.Header().Set("Content-Type", mediaJSON)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": code.String(), "message": message}) // the reader is gone: nobody to tell
}
