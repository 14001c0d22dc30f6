package accept

import (
	"encoding/json"

	"github.com/medibloc/pdx/criteria/internal/canonical"
)

// literals are the scalars of a const or an enum. Objects and arrays are left to the judge.
type literals struct {
	isTrue     bool
	isFalse    bool
	isNull     bool
	one        string // the only string, if there is no more than that
	texts      map[string]struct{}
	numbers    map[string]struct{} // as canonical.Number writes them
	containers kinds               // of the values that are left to the judge
}

func newLiterals(values []any) *literals {
	l := &literals{texts: map[string]struct{}{}, numbers: map[string]struct{}{}}
	for _, value := range values {
		switch value := value.(type) {
		case nil:
			l.isNull = true
		case bool:
			l.isTrue, l.isFalse = l.isTrue || value, l.isFalse || !value
		case string:
			l.texts[value] = struct{}{}
			l.one = value
		case json.Number:
			l.numbers[canonical.Number(string(value))] = struct{}{}
		case []any:
			l.containers |= isArray
		case map[string]any:
			l.containers |= isObject
		}
	}
	return l
}

func (l *literals) hasText(text []byte) bool {
	if len(l.texts) == 1 {
		return l.one == string(text)
	}
	_, ok := l.texts[string(text)]
	return ok
}

func (l *literals) hasNumber(raw []byte) bool {
	if len(l.numbers) == 0 {
		return false
	}
	_, ok := l.numbers[canonical.Number(string(raw))]
	return ok
}

// hasWord is for true, false and null, by their first letter.
func (l *literals) hasWord(c byte) bool {
	return c == 't' && l.isTrue || c == 'f' && l.isFalse || c == 'n' && l.isNull
}
