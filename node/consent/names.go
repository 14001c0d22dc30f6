package consent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/medibloc/pdx"
)

// checkNames refuses a document in which an object has a name twice, or in other letters than
// the specification: readers of JSON differ in which value they then see.
func checkNames(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var open []map[string]bool // the names of each object that is open; nil for an array
	for name := false; ; {
		token, err := decoder.Token()
		if err != nil {
			return nil //nolint:nilerr // the end, or what the parser has refused
		}
		inObject := len(open) > 0 && open[len(open)-1] != nil
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
			}
			name = len(open) > 0 && open[len(open)-1] != nil
			continue
		case string:
			if inObject && name {
				seen := open[len(open)-1]
				if seen[t] || t != strings.ToLower(t) {
					return fmt.Errorf("consent: %w: member %.40q is there twice or in capitals", pdx.ErrInvalid, t)
				}
				seen[t], name = true, false
				continue
			}
		}
		name = inObject
	}
}
