package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"log/slog"
	"time"
)

// key makes and checks the tokens of one run of a server. Logging or printing it shows
// "[key]".
type key [32]byte

const redacted = "[key]"

func newKey() (k key) {
	_, _ = rand.Read(k[:]) // never fails
	return k
}

// text is the key as it stands in the key file: base64url.
func (k key) text() string { return base64.RawURLEncoding.EncodeToString(k[:]) }

func (key) String() string               { return redacted }
func (key) GoString() string             { return redacted }
func (key) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (key) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// sessionID tells the sessions of a server apart.
type sessionID [16]byte

// session is what a token allows, and until when.
type session struct {
	id     sessionID
	scopes Scopes
	until  time.Time
}

// A token is a session and its code: scopes (1 byte), end (8, Unix seconds), id (16), and
// the HMAC-SHA256 of these (32).
const (
	tokenBody = 1 + 8 + len(sessionID{})
	tokenSize = tokenBody + sha256.Size
)

// grant makes the token of a new session.
func (k key) grant(scopes Scopes, until time.Time) string {
	body := append(make([]byte, 0, tokenSize), byte(scopes))
	body = binary.BigEndian.AppendUint64(body, uint64(until.Unix()))
	var id sessionID
	_, _ = rand.Read(id[:]) // never fails
	body = append(body, id[:]...)
	return base64.RawURLEncoding.EncodeToString(append(body, k.code(body)...))
}

func (k key) code(body []byte) []byte {
	mac := hmac.New(sha256.New, k[:])
	mac.Write(body)
	return mac.Sum(nil)
}

// open is the session of a token that this key made, whether it has ended or not. The
// code is compared in constant time.
func (k key) open(text string) (s session, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != tokenSize || !hmac.Equal(raw[tokenBody:], k.code(raw[:tokenBody])) {
		return session{}, false
	}
	s.scopes = Scopes(raw[0])
	s.until = time.Unix(int64(binary.BigEndian.Uint64(raw[1:9])), 0)
	copy(s.id[:], raw[9:tokenBody])
	return s, true
}
