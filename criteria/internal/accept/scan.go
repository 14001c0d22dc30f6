package accept

import (
	"unicode/utf8"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// str reads the string at p, which begins with a quotation mark. end is the offset behind
// it, and < 0 if it is wrong; plain reports whether its text is what stands between the
// quotation marks, and ascii whether that is ASCII.
func str(data []byte, p int) (end int, plain, ascii bool) {
	start := p + 1
	p++
	ascii = true
	for {
		p = strict.PlainRun(data, p)
		if p >= len(data) {
			return -1, false, false
		}
		switch c := data[p]; {
		case c == '"':
			if !ascii && !utf8.Valid(data[start:p]) {
				return -1, false, false
			}
			return p + 1, true, ascii
		case c == '\\':
			return escaped(data, start-1)
		case c < ' ':
			return -1, false, false
		}
		ascii = false
		for p < len(data) && data[p] >= utf8.RuneSelf {
			p++
		}
	}
}

// escaped is str for a string with an escape.
func escaped(data []byte, p int) (end int, plain, ascii bool) {
	raw, err := strict.NewScanner(data[p:]).Scalar()
	if err != nil {
		return -1, false, false
	}
	return p + len(raw), false, false
}

// num reads the number at p: end is the offset behind it, and < 0 if it is wrong or large.
func num(data []byte, p int) (end int, exponent bool) {
	start := p
	if data[p] == '-' {
		p++
	}
	first := p
	p = digits(data, p)
	if p == first || p > first+1 && data[first] == '0' {
		return -1, false
	}
	if p < len(data) && data[p] == '.' {
		part := p + 1
		if p = digits(data, part); p == part {
			return -1, false
		}
	}
	if p < len(data) && data[p]|0x20 == 'e' {
		exponent = true
		if p++; p < len(data) && (data[p] == '+' || data[p] == '-') {
			p++
		}
		part := p
		if p = digits(data, part); p == part || p > part+3 {
			return -1, true
		}
	}
	if p-start > strict.MaxNumberBytes {
		return -1, exponent
	}
	return p, exponent
}

func digits(data []byte, p int) int {
	for p < len(data) && data[p]-'0' <= 9 {
		p++
	}
	return p
}

// space passes white space.
func space(data []byte, p int) int {
	for p < len(data) && data[p] <= ' ' {
		if c := data[p]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return p
		}
		p++
	}
	return p
}
