package strict

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"unicode/utf8"
)

// Scanner walks one JSON text.
type Scanner struct {
	data  []byte
	pos   int
	depth int
}

// NewScanner walks data, which must not change meanwhile.
func NewScanner(data []byte) *Scanner { return &Scanner{data: data} }

// Peek is the first byte of the next token, 0 at the end of the text.
func (s *Scanner) Peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// End refuses anything but white space up to the end of the text.
func (s *Scanner) End() error {
	if s.Peek() != 0 || s.pos < len(s.data) {
		return broken(RuleSyntax)
	}
	return nil
}

// Object walks an object. member is called after each name and must consume
// the value; raw is the name as written, with its quotes. Duplicates are
// member's to refuse, by ErrDuplicate.
func (s *Scanner) Object(member func(name string, raw []byte) error) error {
	return s.members(func(_ int, raw []byte) error { return member(Text(raw), raw) })
}

// members is Object with the offset of each name in place of what it means.
func (s *Scanner) members(member func(start int, raw []byte) error) error {
	return s.container('{', '}', func(int) error {
		if s.Peek() != '"' {
			return broken(RuleSyntax)
		}
		start := s.pos
		raw, err := s.str()
		if err != nil {
			return err
		}
		if s.Peek() != ':' {
			return broken(RuleSyntax)
		}
		s.pos++
		if err := member(start, raw); err != nil {
			return at(Step{Name: Text(raw)}, err)
		}
		return nil
	})
}

// Array walks an array. element must consume the value.
func (s *Scanner) Array(element func(i int) error) error {
	return s.container('[', ']', func(i int) error {
		if err := element(i); err != nil {
			return at(Step{Index: i, IsIndex: true}, err)
		}
		return nil
	})
}

// ErrDuplicate is what a member callback returns for a name seen before.
func ErrDuplicate() error { return broken(RuleDuplicate) }

func (s *Scanner) container(open, end byte, item func(i int) error) error {
	if s.Peek() != open {
		return broken(RuleSyntax)
	}
	if s.depth++; s.depth > MaxDepth {
		return broken(RuleDepth)
	}
	s.pos++
	if s.Peek() != end {
		for i := 0; ; i++ {
			if err := item(i); err != nil {
				return err
			}
			if s.Peek() != ',' {
				break
			}
			s.pos++
		}
	}
	if s.Peek() != end {
		return broken(RuleSyntax)
	}
	s.pos++
	s.depth--
	return nil
}

// Scalar consumes a string, number, true, false or null and is its exact text.
func (s *Scanner) Scalar() ([]byte, error) {
	switch s.Peek() {
	case '"':
		return s.str()
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	return s.number()
}

func (s *Scanner) literal(word string) ([]byte, error) {
	if !bytes.HasPrefix(s.data[s.pos:], []byte(word)) {
		return nil, broken(RuleSyntax)
	}
	return s.take(len(word)), nil
}

func (s *Scanner) take(n int) []byte {
	token := s.data[s.pos : s.pos+n : s.pos+n]
	s.pos += n
	return token
}

func (s *Scanner) str() ([]byte, error) {
	rest, ascii := s.data[s.pos:], true
	for i := PlainRun(rest, 1); i < len(rest); i = PlainRun(rest, i) {
		switch c := rest[i]; {
		case c == '"':
			if !ascii && !utf8.Valid(rest[:i]) {
				return nil, broken(RuleUTF8)
			}
			return s.take(i + 1), nil
		case c == '\\':
			n, err := escape(rest[i:])
			if err != nil {
				return nil, err
			}
			i += n
		case c < 0x20:
			return nil, broken(RuleSyntax)
		default:
			ascii = false
			i++
		}
	}
	return nil, broken(RuleSyntax)
}

// notPlain has the bytes at which PlainRun stops.
var notPlain = func() (of [256]bool) {
	for c := range 256 {
		of[c] = c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf
	}
	return of
}()

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// PlainRun returns the offset, from p on, of the first byte of data that is not ASCII which
// stands for itself in a string: a quotation mark, a backslash, a control character, or a
// byte of any other character. It looks at eight bytes at once.
func PlainRun(data []byte, p int) int {
	for p+8 <= len(data) {
		x := binary.LittleEndian.Uint64(data[p:])
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		// The high bit of a byte is set where it is found; of those above the first that is
		// set, some may be wrong.
		found := (((quote - ones) &^ quote) | ((slash - ones) &^ slash) | ((x - ones*' ') &^ x) | x) & highs
		if found != 0 {
			return p + bits.TrailingZeros64(found)/8
		}
		p += 8
	}
	for p < len(data) && !notPlain[data[p]] {
		p++
	}
	return p
}

// Text is the meaning of a string token that a Scanner gave.
func Text(raw []byte) string {
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var text string
	_ = json.Unmarshal(raw, &text) // the scanner has checked the token
	return text
}

// Offset is how many bytes are consumed.
func (s *Scanner) Offset() int { return s.pos }
