package folder

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// forbidden are the characters that have a special meaning in names on some system.
const forbidden = `\<>:"|?*`

// devices are the names of devices on Windows, in upper or lower case and with any
// extension.
var devices = map[string]bool{"CON": true, "PRN": true, "AUX": true, "NUL": true, "CONIN$": true, "CONOUT$": true}

func init() {
	for _, port := range []string{"COM", "LPT"} {
		for _, n := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"} {
			devices[port+n] = true
		}
	}
}

// CheckPath returns ErrPath unless path is a clean path of a file in a folder: valid
// UTF-8, relative, within MaxPath and MaxDepth, with elements separated by single
// slashes. Each element must be a valid file name on Linux, macOS and Windows, and must
// not begin with a dot.
func CheckPath(path string) error {
	switch {
	case !utf8.ValidString(path):
		return fmt.Errorf("%w: %q is not UTF-8", ErrPath, path)
	case len(path) > MaxPath:
		return fmt.Errorf("%w: %q… is longer than %d bytes", ErrPath, path[:64], MaxPath)
	case strings.Count(path, "/") >= MaxDepth:
		return fmt.Errorf("%w: %q is deeper than %d folders", ErrPath, path, MaxDepth-1)
	}
	for element := range strings.SplitSeq(path, "/") {
		if why := wrong(element); why != "" {
			return fmt.Errorf("%w: %q: %s", ErrPath, path, why)
		}
	}
	return nil
}

// wrong returns what is wrong with an element of a path, or "".
func wrong(element string) string {
	switch {
	case element == "":
		return "an element is empty"
	case element == "." || element == "..":
		return element + " is no name"
	case element[0] == '.':
		return "hidden files are not taken"
	case len(element) > MaxElement:
		return fmt.Sprintf("a name is longer than %d bytes", MaxElement)
	case strings.HasSuffix(element, ".") || strings.HasSuffix(element, " "):
		return "a name ends with a dot or a space"
	case strings.ContainsAny(element, forbidden):
		return "a name has one of " + forbidden
	case strings.ContainsFunc(element, steers):
		return "a name has a control character"
	case isDevice(element):
		return "a name is a device on Windows"
	}
	return ""
}

// steers reports whether a character is a control, or turns the direction of text,
// so that a name could look like another.
func steers(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}

func isDevice(element string) bool {
	base, _, _ := strings.Cut(element, ".")
	return devices[strings.ToUpper(strings.TrimRight(base, " "))]
}

// fold returns the same for two names that some system takes for one: by case, or by
// composition of characters.
func fold(name string) string {
	return norm.NFD.String(strings.Map(least, norm.NFD.String(name)))
}

// least returns the smallest of the characters that are one but for their case.
func least(r rune) rune {
	small := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		small = min(small, next)
	}
	return small
}
