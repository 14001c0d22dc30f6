package strict

import (
	"strconv"
	"unicode/utf16"
)

// escape is the length of the escape at the start of b, a surrogate pair
// counting as one; a surrogate alone has no meaning and is refused.
func escape(b []byte) (int, error) {
	if len(b) < 2 {
		return 0, broken(RuleSyntax)
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, nil
	case 'u':
	default:
		return 0, broken(RuleSyntax)
	}
	first, err := hex4(b)
	if err != nil || !utf16.IsSurrogate(first) {
		return 6, err
	}
	if len(b) < 8 || b[6] != '\\' || b[7] != 'u' {
		return 0, broken(RuleUTF8)
	}
	second, err := hex4(b[6:])
	if err != nil {
		return 0, err
	}
	if utf16.DecodeRune(first, second) == '\uFFFD' {
		return 0, broken(RuleUTF8)
	}
	return 12, nil
}

// hex4 reads \uXXXX.
func hex4(b []byte) (rune, error) {
	if len(b) < 6 {
		return 0, broken(RuleSyntax)
	}
	for _, c := range b[2:6] {
		if c == '+' || c == '-' || c == '_' {
			return 0, broken(RuleSyntax)
		}
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return 0, broken(RuleSyntax)
	}
	return rune(n), nil
}

// number consumes -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (s *Scanner) number() ([]byte, error) {
	b := s.data[s.pos:]
	n := 0
	if n < len(b) && b[n] == '-' {
		n++
	}
	whole := digits(b[n:])
	if whole == 0 || (whole > 1 && b[n] == '0') {
		return nil, broken(RuleSyntax)
	}
	n += whole
	if n < len(b) && b[n] == '.' {
		part := digits(b[n+1:])
		if part == 0 {
			return nil, broken(RuleSyntax)
		}
		n += 1 + part
	}
	exp, err := exponent(b[n:])
	if err != nil {
		return nil, err
	}
	if n += exp; n > MaxNumberBytes {
		return nil, broken(RuleNumber)
	}
	return s.take(n), nil
}

func digits(b []byte) int {
	n := 0
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	return n
}

// exponent is the length of the exponent at the start of b, 0 when there is none.
func exponent(b []byte) (int, error) {
	if len(b) == 0 || (b[0] != 'e' && b[0] != 'E') {
		return 0, nil
	}
	n := 1
	if n < len(b) && (b[n] == '+' || b[n] == '-') {
		n++
	}
	count := digits(b[n:])
	if count == 0 {
		return 0, broken(RuleSyntax)
	}
	value, err := strconv.ParseUint(string(b[n:n+count]), 10, 64)
	if err != nil || value > MaxExponent {
		return 0, broken(RuleNumber)
	}
	return n + count, nil
}
