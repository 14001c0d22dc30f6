package metrics

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/medibloc/pdx/node/api"
)

// essential reports whether a node cannot do its work while this part is not well: without
// the chain, proofs or a disk no deal goes on, and without a network no data move.
func essential(h api.Health) bool {
	return slices.Contains([]string{"chain", "proofs", "network", "disk"}, h.Part)
}

// A report is the answer of a probe.
type report struct {
	OK     bool     `json:"ok"`
	Unwell []string `json:"not_ok"` // parts of 'pdx status', sorted
}

// probe answers 200, or 503 if a part that fails is not well. Either way it names the parts
// that are not well; the reasons, which name accounts and peers, are for the node's owner.
func probe(health func(context.Context) []api.Health, fails func(api.Health) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readTimeout)
		defer cancel()
		answer := report{OK: true, Unwell: []string{}}
		for _, h := range health(ctx) {
			if h.OK {
				continue
			}
			answer.Unwell = append(answer.Unwell, h.Part)
			answer.OK = answer.OK && !fails(h)
		}
		slices.Sort(answer.Unwell)
		answer.Unwell = slices.Compact(answer.Unwell)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if !answer.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(answer) // a caller that is gone does not matter
	})
}
