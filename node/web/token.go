package web

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"log/slog"
)

// token lets its bearer read the API. Logging or printing it shows "[token]".
type token [32]byte

const redacted = "[token]"

func newToken() (t token) {
	_, _ = rand.Read(t[:]) // never fails
	return t
}

// text is the token as it stands in a link: base64url.
func (t token) text() string { return base64.RawURLEncoding.EncodeToString(t[:]) }

// matches compares in constant time.
func (t token) matches(text string) bool {
	return subtle.ConstantTimeCompare([]byte(t.text()), []byte(text)) == 1
}

func (token) String() string               { return redacted }
func (token) GoString() string             { return redacted }
func (token) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (token) MarshalText() ([]byte, error) { return []byte(redacted), nil }
