package types

import (
	"slices"
	"strings"
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"
)

// unprinted are the runes that text may not hold: what moves a cursor, joins or
// turns what is around it, or shows nothing. They could forge lines in a terminal
// or names on a page. The list is the module's own: Go's tables follow Unicode,
// and chain validators of two Go releases must not disagree about a message.
var unprinted = [][2]rune{
	{0x00, 0x1f}, // controls
	{0x7f, 0x9f},
	{0xad, 0xad}, // invisible, line ends, directions
	{0x61c, 0x61c},
	{0x180e, 0x180e},
	{0x200b, 0x200f},
	{0x2028, 0x202e},
	{0x2060, 0x206f},
	{0xfeff, 0xfeff},
	{0xfff9, 0xfffb},
	{0xe000, 0xf8ff}, // private, and no characters
	{0xfdd0, 0xfdef},
	{0xfffe, 0xffff},
	{0xe0000, 0x10ffff}, // tags, private
}

func prints(r rune) bool {
	return !slices.ContainsFunc(unprinted, func(span [2]rune) bool { return span[0] <= r && r <= span[1] })
}

// checkText refuses text that is too long, not UTF-8, or holds what does not print.
func checkText(what, text string, limit int) error {
	return checkRunes(what, text, limit, prints)
}

// checkParagraphs is checkText for text of several lines.
func checkParagraphs(what, text string, limit int) error {
	return checkRunes(what, text, limit, func(r rune) bool { return r == '\n' || prints(r) })
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

// visible reports whether text is printable ASCII without spaces, as peer ids,
// multiaddrs and media types are.
func visible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// FoldMediaType returns a media type in the form in which it is compared: with the letters
// A to Z in lower case and all else unchanged. Other letters are not folded, because their
// cases change with the versions of Unicode.
func FoldMediaType(mediaType string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, mediaType)
}

// firstRepeated returns the first item that stands in list twice.
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
