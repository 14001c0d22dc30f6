package criteria

import (
	_ "embed"
	"fmt"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/rules"
	"github.com/medibloc/pdx/internal/text"
)

//go:embed document.schema.json
var documentSchema []byte

// DocumentSchema returns the JSON Schema of criteria documents, for editors and forms. Parse
// also refuses what a JSON Schema cannot say.
func DocumentSchema() []byte { return documentSchema }

// The members that version 3 adds, and those of their objects.
var (
	ruleMembers    = []string{"rules", "aggregates", "max_overlap_ppm", "suppress_below"}
	ruleNames      = []string{"name", "record", "dataset", "purpose"}
	aggregateNames = []string{"name", "measure", "pointer", "equals"}
)

// maxFloor bounds suppress_below.
const maxFloor = 1_000_000

// wholeOverlap is an overlap of all records, in a million.
const wholeOverlap = 1_000_000

// namesOf are the members that a document of its version may have.
func namesOf(document map[string]any) []string {
	if version, ok := document["version"].(fmt.Stringer); ok && (version.String() == "1" || version.String() == "2") {
		return documentNames
	}
	return append(ruleMembers, documentNames...)
}

// checkRuleNames is checkNames for what version 3 adds.
func checkRuleNames(document map[string]any) error {
	for list, names := range map[string][]string{"rules": ruleNames, "aggregates": aggregateNames} {
		objects, _ := document[list].([]any)
		for i, value := range objects {
			where := fmt.Sprintf("%s/%d", list, i)
			object, ok := value.(map[string]any)
			if !ok {
				return fmt.Errorf("%s: not an object", where)
			}
			if err := onlyNames(object, where, names); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseRules compiles the rules and aggregates, and checks what else version 3 adds.
func (d *Document) parseRules() error {
	switch {
	case d.MaxOverlapPPM != nil && *d.MaxOverlapPPM > wholeOverlap:
		return fmt.Errorf("max_overlap_ppm: at most %d", wholeOverlap)
	case d.SuppressBelow != 0 && (d.SuppressBelow < rules.Floor || d.SuppressBelow > maxFloor):
		return fmt.Errorf("suppress_below: %d to %d", rules.Floor, maxFloor)
	case len(d.Rules) == 0 && len(d.Aggregates) == 0:
		return nil
	}
	for i, rule := range d.Rules {
		if len(rule.Purpose) > MaxTextBytes {
			return fmt.Errorf("rules/%d/purpose: longer than %d bytes", i, MaxTextBytes)
		}
		if !text.Prints(rule.Purpose, inParagraphs) {
			return errHidden(fmt.Sprintf("rules/%d/purpose", i), rule.Purpose)
		}
	}
	set, err := rules.Compile(rules.Definition{
		Rules: d.Rules, Aggregates: d.Aggregates, Fields: parsed(d.Pointers()), Required: parsed(d.Required()),
	})
	d.rules = set
	return err
}

// parsed are pointers that were read before.
func parsed(texts []string) []fields.Pointer {
	list := make([]fields.Pointer, len(texts))
	for i, text := range texts {
		list[i], _ = fields.ParsePointer(text)
	}
	return list
}

// Floor is the least count of an aggregate that a report shows.
func (d *Document) Floor() uint64 { return orLimit(d.SuppressBelow, rules.Floor) }
