package pdx

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"strings"
)

// ContentID addresses a blob: the BLAKE3 root of its bytes. Its text and byte
// forms are CIDv1, codec raw, multihash blake3 with 32 bytes.
type ContentID [32]byte

// contentPrefix is version 1, codec raw (0x55), multihash blake3 (0x1e), length 32.
var contentPrefix = [4]byte{0x01, 0x55, 0x1e, 0x20}

// ContentIDLen is the length of Bytes.
const ContentIDLen = len(contentPrefix) + len(ContentID{})

var cidEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// Bytes is the binary CID, 36 bytes.
func (id ContentID) Bytes() []byte { return append(contentPrefix[:], id[:]...) }

// String is the CID in lower-case base32 with its multibase prefix "b".
func (id ContentID) String() string {
	return "b" + strings.ToLower(cidEncoding.EncodeToString(id.Bytes()))
}

// IsZero reports whether id addresses nothing.
func (id ContentID) IsZero() bool { return id == ContentID{} }

// ContentIDFromBytes reads the binary form; any other kind of CID is ErrInvalid.
func ContentIDFromBytes(b []byte) (ContentID, error) {
	rest, ok := bytes.CutPrefix(b, contentPrefix[:])
	if !ok || len(rest) != len(ContentID{}) {
		return ContentID{}, fmt.Errorf("%w: not a CIDv1 of raw bytes with a blake3 hash of 32 bytes", ErrInvalid)
	}
	return ContentID(rest), nil
}

// ParseContentID reads the text form, exactly as String writes it.
func ParseContentID(s string) (ContentID, error) {
	text, ok := strings.CutPrefix(s, "b")
	if !ok || text != strings.ToLower(text) {
		return ContentID{}, fmt.Errorf("cid %q: %w: lower-case base32 beginning with b is wanted", s, ErrInvalid)
	}
	raw, err := cidEncoding.DecodeString(strings.ToUpper(text))
	if err != nil {
		return ContentID{}, fmt.Errorf("cid %q: %w: %w", s, ErrInvalid, err)
	}
	id, err := ContentIDFromBytes(raw)
	if err != nil {
		return ContentID{}, fmt.Errorf("cid %q: %w", s, err)
	}
	if id.String() != s {
		return ContentID{}, fmt.Errorf("cid %q: %w: not in canonical form", s, ErrInvalid)
	}
	return id, nil
}
