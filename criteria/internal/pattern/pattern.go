// Package pattern compiles the regular expressions of JSON Schema.
//
// They are RE2, because its time is linear in the text. What is only another spelling in ECMA
// 262, the dialect of JSON Schema, is translated; what RE2 cannot express is refused with what
// to write instead.
package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Compile compiles a regular expression and returns how many operations its
// program has.
func Compile(expr string) (*regexp.Regexp, int, error) {
	translated, err := translate(expr)
	if err != nil {
		return nil, 0, err
	}
	ops, err := Ops(translated)
	if err != nil {
		return nil, 0, explain(err)
	}
	compiled, err := regexp.Compile(translated)
	return compiled, ops, err
}

// Ops returns the number of operations of an expression in the syntax of RE2.
func Ops(expr string) (int, error) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return 0, err
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0, err
	}
	return len(prog.Inst), nil
}

// translate rewrites the escapes of ECMA 262 that RE2 spells otherwise: \uXXXX
// (in pairs where they are a surrogate pair), \u{X…}, \cX, \p{Script=…}, and \b for
// a backspace in a class.
func translate(expr string) (string, error) {
	var out strings.Builder
	class := false
	for i := 0; i < len(expr); {
		switch c := expr[i]; {
		case c != '\\' || i+1 == len(expr):
			class = c == '[' || class && c != ']'
			out.WriteByte(c)
			i++
		default:
			text, n, err := translateEscape(expr[i:], class)
			if err != nil {
				return "", err
			}
			out.WriteString(text)
			i += n
		}
	}
	return out.String(), nil
}

// translateEscape rewrites the escape at the beginning of s, which has n bytes.
func translateEscape(s string, class bool) (text string, n int, err error) {
	switch {
	case s[1] == 'u':
		return translateUnicode(s)
	case s[1] == 'c' && len(s) > 2 && isLetter(s[2]):
		return hexEscape(rune(s[2] & 0x1f)), 3, nil
	case s[1] == 'b' && class:
		return hexEscape('\b'), 2, nil
	case (s[1] == 'p' || s[1] == 'P') && strings.HasPrefix(s[2:], "{"):
		if name, _, closed := strings.Cut(s[3:], "}"); closed {
			n = 3 + len(name) + 1
			for _, prefix := range []string{"Script=", "sc=", "General_Category=", "gc="} {
				name = strings.TrimPrefix(name, prefix)
			}
			return s[:2] + "{" + name + "}", n, nil
		}
	}
	return s[:2], 2, nil
}

// translateUnicode rewrites \uXXXX, a pair of those, or \u{X…}.
func translateUnicode(s string) (text string, n int, err error) {
	if name, _, closed := strings.Cut(strings.TrimPrefix(s[2:], "{"), "}"); closed && s[2] == '{' {
		if r, err := strconv.ParseUint(name, 16, 32); err == nil {
			return hexEscape(rune(r)), len(`\u{}`) + len(name), nil
		}
	}
	unit, ok := codeUnit(s)
	if !ok {
		return "", 0, errors.New(`\u needs 4 hexadecimal digits, as in \uAC00`)
	}
	if !utf16.IsSurrogate(unit) {
		return hexEscape(unit), len(`\uXXXX`), nil
	}
	low, _ := codeUnit(s[len(`\uXXXX`):])
	if r := utf16.DecodeRune(unit, low); r != '\uFFFD' {
		return hexEscape(r), 2 * len(`\uXXXX`), nil
	}
	return "", 0, fmt.Errorf(`%s is half of a character: write the whole character as \u{…}`, s[:len(`\uXXXX`)])
}

// codeUnit reads \uXXXX at the beginning of s.
func codeUnit(s string) (rune, bool) {
	if len(s) < len(`\uXXXX`) || s[:2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}

func hexEscape(r rune) string { return fmt.Sprintf(`\x{%X}`, r) }

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// explain says what RE2 lacks and what to write instead.
func explain(err error) error {
	broken := new(syntax.Error)
	if !errors.As(err, &broken) {
		return err
	}
	switch expr := broken.Expr; {
	case broken.Code == syntax.ErrInvalidRepeatSize, broken.Code == syntax.ErrLarge:
		return fmt.Errorf("%s: counts go to 1000, counts within counts multiplied: bound the length with maxLength, "+
			"or write the part twice, .{1,1000}.{0,24} for .{1,1024}", expr)
	case lookAround.MatchString(expr):
		return fmt.Errorf(`%s: there is no look-around: demand several patterns with "allOf", and exclude one with "not"`, expr)
	case isBackReference(expr):
		return fmt.Errorf(`%s: there are no back-references: list the alternatives, or leave the comparison out`, expr)
	case strings.HasPrefix(expr, `\p`) || strings.HasPrefix(expr, `\P`):
		return fmt.Errorf(`%s: there are general categories and scripts only, such as \p{Lu}, \p{Letter} and \p{Hangul}`, expr)
	case broken.Code == syntax.ErrInvalidEscape:
		return fmt.Errorf(`%s: there is no such escape: write a character as \x{…}, and letters without a backslash`, expr)
	}
	return fmt.Errorf("%s: %s", broken.Expr, broken.Code)
}

var lookAround = regexp.MustCompile(`^\(\?<?[=!]`)

func isBackReference(expr string) bool {
	return len(expr) > 1 && expr[0] == '\\' && (expr[1] >= '1' && expr[1] <= '9' || expr[1] == 'k')
}
