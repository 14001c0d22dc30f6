package consent

import (
	"regexp"
	"slices"
	"time"

	"github.com/medibloc/pdx"
)

// Terms have no fields for a purpose and an end. A term may name them in its text: "[DUO:0000042]"
// is a purpose of the Data Use Ontology, "[until 2030-12-31]" the last day of the use.
var (
	purposeMark = regexp.MustCompile(`\[(DUO:[0-9]{7})\]`)
	untilMark   = regexp.MustCompile(`\[until ([0-9]{4}-[0-9]{2}-[0-9]{2})\]`)
)

// Purposes returns the codes that the terms agreed to name, ascending, each once.
func Purposes(terms []pdx.Term, agreed []uint32) []string {
	return marked(purposeMark, terms, agreed)
}

// Until returns the earliest day that a term agreed to names, "" for none. What is no day of
// the calendar is not one.
func Until(terms []pdx.Term, agreed []uint32) string {
	for _, day := range marked(untilMark, terms, agreed) {
		if _, err := time.Parse(time.DateOnly, day); err == nil {
			return day
		}
	}
	return ""
}

func marked(mark *regexp.Regexp, terms []pdx.Term, agreed []uint32) []string {
	found := []string{}
	for _, t := range terms {
		if !slices.Contains(agreed, t.ID) {
			continue
		}
		for _, text := range []string{t.Title, t.Description} {
			for _, match := range mark.FindAllStringSubmatch(text, -1) {
				found = append(found, match[1])
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
