package api

import (
	"net/http"
	"net/http/pprof"
)

// profiles serves Go's profiles below /debug/pprof/. They tell what the process does, so only
// the socket has them, which only the node's owner can open.
func profiles(mux *http.ServeMux) {
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
}
