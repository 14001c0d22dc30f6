package criteria

import (
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// inPlaceCycle returns where a schema can be reached again from itself on the same
// value, or "". Evaluation of such a schema would not end. Only schemas that
// evaluation can reach from root count.
func inPlaceCycle(root *jsonschema.Schema) string {
	const open, closed = 1, 2
	state := map[*jsonschema.Schema]int{}
	var visit func(sch *jsonschema.Schema) string
	visit = func(sch *jsonschema.Schema) string {
		if sch == nil || state[sch] == closed {
			return ""
		}
		if state[sch] == open {
			_, pointer, _ := strings.Cut(sch.Location, "#")
			return "#" + pointer
		}
		state[sch] = open
		for _, next := range evaluatedInPlace(sch) {
			if at := visit(next); at != "" {
				return at
			}
		}
		state[sch] = closed
		return ""
	}
	for _, sch := range reachable([]*jsonschema.Schema{root}) {
		if at := visit(sch); at != "" {
			return at
		}
	}
	return ""
}

// evaluatedInPlace is inPlace without what no evaluation comes to. A dynamic
// reference is followed to its static target only where the dynamic scope cannot
// lead it elsewhere; the evaluator finds the cycles of the others.
func evaluatedInPlace(sch *jsonschema.Schema) []*jsonschema.Schema {
	if sch.DraftVersion < 2019 && sch.Ref != nil { // it hides its siblings
		return []*jsonschema.Schema{sch.Ref}
	}
	static := *sch
	if sch.DynamicRef != nil && sch.DynamicRef.Anchor != "" {
		static.DynamicRef = nil
	}
	if sch.RecursiveRef != nil && sch.RecursiveRef.RecursiveAnchor {
		static.RecursiveRef = nil
	}
	if sch.If == nil {
		static.Then, static.Else = nil, nil
	}
	return inPlace(&static)
}
