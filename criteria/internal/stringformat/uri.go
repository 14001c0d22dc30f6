package stringformat

import (
	"regexp"
	"strings"
	"unicode"
)

// uriSyntax is the grammar of URIs (RFC 3986) or of IRIs (RFC 3987).
type uriSyntax struct{ international bool }

const (
	subDelims = "!$&'()*+,;="
	pchar     = subDelims + ":@"
)

// isAbsolute reports whether s is a URI: with a scheme.
func (u uriSyntax) isAbsolute(s string) bool { return u.parse(s, true) }

// isReference reports whether s is a URI or a relative reference.
func (u uriSyntax) isReference(s string) bool { return u.parse(s, false) }

func (u uriSyntax) parse(s string, wantsScheme bool) bool {
	s, fragment, _ := strings.Cut(s, "#")
	s, query, _ := strings.Cut(s, "?")
	if !u.all(fragment, pchar+"/?", false) || !u.all(query, pchar+"/?", true) {
		return false
	}
	first, _, _ := strings.Cut(s, "/")
	scheme, _, hasScheme := strings.Cut(first, ":")
	switch {
	case hasScheme && !isScheme(scheme), wantsScheme && !hasScheme:
		return false // without a scheme there is no colon in the first segment
	case hasScheme:
		s = s[len(scheme)+1:]
	}
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		authority, _, _ := strings.Cut(rest, "/")
		return u.isAuthority(authority) && u.all(rest[len(authority):], pchar+"/", false)
	}
	return u.all(s, pchar+"/", false)
}

func (u uriSyntax) isAuthority(s string) bool {
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		if !u.all(s[:at], subDelims+":", false) {
			return false
		}
		s = s[at+1:]
	}
	if inside, ok := strings.CutPrefix(s, "["); ok {
		literal, port, closed := strings.Cut(inside, "]")
		return closed && (isIPv6(literal) || isFuture(literal)) && (port == "" || port[0] == ':' && isDigits(port[1:]))
	}
	host, port, _ := strings.Cut(s, ":")
	return u.all(host, subDelims, false) && isDigits(port)
}

// Strings in URIs may be as long as a record, so they are read without regular
// expressions, which take ten times as long.

func isScheme(s string) bool {
	for i, r := range s {
		if !isAlphanumeric(r) && (i == 0 || !strings.ContainsRune("+.-", r)) || i == 0 && r <= '9' {
			return false
		}
	}
	return s != ""
}

// isFuture reports whether s is IPvFuture, an address of a version to come.
func isFuture(s string) bool {
	version, address, _ := strings.Cut(s, ".")
	return len(version) > 1 && version[0]|0x20 == 'v' && strings.Trim(version[1:], "0123456789ABCDEFabcdef") == "" &&
		address != "" && !strings.Contains(address, "%") && (uriSyntax{}).all(address, subDelims+":", false)
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// all reports whether s has only unreserved and percent-encoded characters and those
// in more; private says whether an IRI may have private ones there.
func (u uriSyntax) all(s, more string, private bool) bool {
	for i, r := range s {
		switch {
		case r == '%':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
		case isAlphanumeric(r) || strings.ContainsRune("-._~", r) || strings.ContainsRune(more, r):
		case u.international && (isUCS(r) && !isBidiMark(r) || private && isPrivate(r)):
		default:
			return false
		}
	}
	return true
}

func isHex(b byte) bool { return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'f' }

func isAlphanumeric(r rune) bool { return r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' }

// isUCS is ucschar of RFC 3987.
func isUCS(r rune) bool {
	switch {
	case r < 0xa0:
		return false
	case r < 0x10000:
		return r < 0xe000 || r >= 0xf900 && r <= 0xfdcf || r >= 0xfdf0 && r <= 0xffef
	}
	return r&0xffff <= 0xfffd && r < 0xf0000 && (r < 0xe0000 || r >= 0xe1000)
}

// isPrivate is iprivate of RFC 3987.
func isPrivate(r rune) bool { return unicode.Is(unicode.Co, r) }

// isBidiMark is what RFC 3987 forbids in section 4.1, because it can turn an IRI around.
func isBidiMark(r rune) bool { return r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e }

const (
	variableCharacter = `(?:[0-9A-Za-z_]|%[0-9A-Fa-f]{2})`
	variable          = variableCharacter + `+(?:\.` + variableCharacter + `+)*(?::[1-9][0-9]{0,3}|\*)?`
)

var expressions = regexp.MustCompile(`^[+#./;?&=,!@|]?` + variable + `(?:,` + variable + `)*$`)

// isTemplate reports whether s is a URI template (RFC 6570).
func isTemplate(s string) bool {
	for s != "" {
		literal, rest, open := strings.Cut(s, "{")
		if !(uriSyntax{international: true}).all(literal, "!#$&()*+,/:;=?@[]", true) {
			return false
		}
		if !open {
			return true
		}
		expression, after, closed := strings.Cut(rest, "}")
		if !closed || !expressions.MatchString(expression) {
			return false
		}
		s = after
	}
	return true
}
