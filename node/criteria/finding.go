package criteria

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/medibloc/pdx/node/criteria/internal/strict"
)

// The rules beside "schema/<keyword>" and "unique/<number>".
const (
	RuleJSON           = strict.RuleSyntax    // not JSON, or not the media type
	RuleUTF8           = strict.RuleUTF8      // not UTF-8, or half a surrogate pair
	RuleDuplicate      = strict.RuleDuplicate // a member twice in an object
	RuleNumber         = strict.RuleNumber    // a number too long or too large
	RuleDepth          = strict.RuleDepth     // nested too deep
	RuleFolder         = "folder"             // not a folder of files, though one is wanted
	RuleFileType       = "file-type"          // a file of a folder that no criteria can judge
	RuleBlank          = "blank-line"
	RuleObject         = "object" // a record that is not an object
	RuleUndisclosed    = "undisclosed"
	RuleRecordsMin     = "records/min"
	RuleRecordsMax     = "records/max"
	RuleBytesMin       = "bytes/min"
	RuleBytesMax       = "bytes/max"
	RuleRecordBytesMin = "record_bytes/min"
	RuleRecordBytesMax = "record_bytes/max"
	ruleSchema         = "schema/"
	ruleUnique         = "unique/"
)

// breach is a finding before its path is written.
type breach struct {
	path []strict.Step
	rule string
}

// breaches are the failed keywords of an evaluation, without the values that
// jsonschema's own messages show. A keyword that only combines subschemas on
// the same value gives way to what failed in them where all of them had to hold.
func breaches(err *jsonschema.ValidationError, record any) []breach {
	path := steps(err.InstanceLocation, record)
	switch k := err.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.AllOf, *kind.Reference:
		var list []breach
		for _, cause := range err.Causes {
			list = append(list, breaches(cause, record)...)
		}
		return list
	case *noBranch:
		if k.missing {
			return members(path, "required", []string{k.member})
		}
		return members(path, "oneOf", []string{k.member})
	case *kind.Required:
		return members(path, "required", k.Missing)
	case *kind.Dependency:
		return members(path, "dependencies", k.Missing)
	case *kind.DependentRequired:
		return members(path, "dependentRequired", k.Missing)
	case *kind.AdditionalProperties:
		return members(path, "additionalProperties", k.Properties)
	case *kind.PropertyNames:
		return members(path, "propertyNames", []string{k.Property})
	case *kind.FalseSchema:
		return []breach{{path, ruleSchema + "false"}}
	}
	keyword := "schema"
	if keywords := err.ErrorKind.KeywordPath(); len(keywords) > 0 {
		keyword = keywords[0]
	}
	return []breach{{path, ruleSchema + keyword}}
}

func members(path []strict.Step, keyword string, names []string) []breach {
	list := make([]breach, len(names))
	for i, name := range names {
		list[i] = breach{append(slices.Clip(path), strict.Step{Name: name}), ruleSchema + keyword}
	}
	return list
}

// steps tells names from indexes by walking the record.
func steps(location []string, record any) []strict.Step {
	path := make([]strict.Step, len(location))
	for i, token := range location {
		path[i] = strict.Step{Name: token}
		switch value := record.(type) {
		case map[string]any:
			record = value[token]
		case []any:
			index, err := strconv.Atoi(token)
			if err != nil || index >= len(value) {
				return path[:i]
			}
			path[i] = strict.Step{Index: index, IsIndex: true}
			record = value[index]
		}
	}
	return path
}

// findings writes breaches of a record in their order, each once.
func (c *Checker) findings(record uint64, list []breach) []Finding {
	found := make([]Finding, len(list))
	for i, b := range list {
		found[i] = Finding{Record: record, Path: c.path(b.path), Rule: b.rule}
	}
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Rule, b.Rule))
	})
	return slices.Compact(found)
}

// path writes a path without names that may be values: in an object that is
// used as a map, names are data.
func (c *Checker) path(path []strict.Step) string {
	const more = "/*"
	var text string
	fits := 0 // bytes of text that end at a token and leave room for more
	for _, step := range path {
		if !step.IsIndex && !c.shows(step.Name) {
			step.Name = "*"
		}
		text += "/" + step.String()
		if len(text) > MaxPathBytes {
			return text[:fits] + more
		}
		if len(text) <= MaxPathBytes-len(more) {
			fits = len(text)
		}
	}
	return text
}

// shows tells whether name is one of the criteria's, or looks like one.
func (c *Checker) shows(name string) bool {
	if _, known := c.names[name]; known {
		return true
	}
	if name == "" || len(name) > maxName {
		return false
	}
	for i := range len(name) {
		b := name[i]
		letter := b|0x20 >= 'a' && b|0x20 <= 'z' || b == '_' || b == '$'
		if !letter && (i == 0 || (b < '0' || b > '9') && b != '-' && b != '.') {
			return false
		}
	}
	return true
}
