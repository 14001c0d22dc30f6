package group_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/exchange/group"
)

// TestScalarRedactsItself prints a scalar with every verb and logger, also from inside
// an unexported field, where fmt cannot call its methods.
func TestScalarRedactsItself(t *testing.T) {
	wide := [64]byte(bytes.Repeat([]byte{0xc7}, 64))
	s := group.ReduceScalar(wide)
	raw := s.Bytes()
	holder := struct{ inner group.Scalar }{s}

	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%X", "%d", "%s", "%q", "%b", "%t"} {
		fmt.Fprintf(&out, verb+verb+verb, s, &s, holder)
	}
	text, err := json.Marshal(map[string]any{"s": s, "p": &s})
	require.NoError(t, err)
	out.Write(text)
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("scalar", "s", s, "p", &s)
	slog.New(slog.NewTextHandler(&out, nil)).Info("scalar", "s", s, "h", holder)

	require.Contains(t, out.String(), "[redacted]")
	for _, trace := range []string{
		fmt.Sprintf("%x", raw), fmt.Sprintf("%X", raw), fmt.Sprint(raw[:])[1:40], string(raw[:]), fmt.Sprintf("%x", raw[:6]),
	} {
		require.NotContains(t, out.String(), trace)
	}
}
