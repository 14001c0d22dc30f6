package types

import (
	"strings"
	"unicode"
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"
)

// checkText refuses text that is too long, not UTF-8, or holds anything that
// does not print: control characters could forge lines in a terminal.
func checkText(what, text string, limit int) error {
	return checkRunes(what, text, limit, unicode.IsPrint)
}

// checkParagraphs is checkText for text of several lines.
func checkParagraphs(what, text string, limit int) error {
	return checkRunes(what, text, limit, func(r rune) bool { return r == '\n' || unicode.IsPrint(r) })
}

func checkRunes(what, text string, limit int, allowed func(rune) bool) error {
	if len(text) > limit {
		return errorsmod.Wrapf(ErrText, "%s has %d bytes, at most %d are taken", what, len(text), limit)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !allowed(r) }) {
		return errorsmod.Wrapf(ErrText, "%s holds what does not print", what)
	}
	return nil
}

// visible tells whether text is printable ASCII without spaces, as peer ids,
// multiaddrs and media types are.
func visible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// FoldMediaType is a media type as it is compared: the letters A to Z are small
// ones, all else is as it was written. Unicode's letters are left alone, whose
// cases change with its versions.
func FoldMediaType(mediaType string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, mediaType)
}

// firstRepeated is the first item that stands in list twice.
func firstRepeated[T comparable](list []T) (item T, repeated bool) {
	seen := make(map[T]struct{}, len(list))
	for _, item := range list {
		if _, again := seen[item]; again {
			return item, true
		}
		seen[item] = struct{}{}
	}
	return item, false
}
