package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// maxDepth bounds how deep a file is nested.
const maxDepth = 32

// parse reads JSON or YAML: map[string]any, []any, string, json.Number, bool or nil.
func parse(raw []byte) (map[string]any, error) {
	value, err := strict.Decode(raw)
	if err != nil {
		if value, err = parseYAML(raw); err != nil {
			return nil, err
		}
	}
	root, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("not an object")
	}
	return root, nil
}

func parseYAML(raw []byte) (any, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(raw, &document); err != nil {
		return nil, err
	}
	if document.Kind != yaml.DocumentNode {
		return nil, errors.New("the file is empty")
	}
	return plain(document.Content[0], 0)
}

// plain is a node without YAML's own: no aliases, no tags, numbers as they are written.
func plain(n *yaml.Node, depth int) (any, error) {
	switch {
	case depth > maxDepth:
		return nil, fmt.Errorf("line %d: nested too deep", n.Line)
	case n.Anchor != "" || n.Kind == yaml.AliasNode:
		return nil, fmt.Errorf("line %d: anchors and aliases are not read: write the value out", n.Line)
	}
	switch n.Kind {
	case yaml.MappingNode:
		return plainObject(n, depth)
	case yaml.SequenceNode:
		list := []any{}
		for _, element := range n.Content {
			v, err := plain(element, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		var is bool
		return is, n.Decode(&is)
	case "!!int", "!!float":
		tree, err := strict.Parse([]byte(n.Value))
		if err != nil || tree.Root().Kind() == '"' {
			return nil, fmt.Errorf("line %d: write the number %s as in JSON", n.Line, n.Value)
		}
		return json.Number(n.Value), nil
	}
	return n.Value, nil
}

func plainObject(n *yaml.Node, depth int) (any, error) {
	object := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		if _, twice := object[name]; twice || n.Content[i].Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("line %d: member %q twice, or not a name", n.Content[i].Line, name)
		}
		v, err := plain(n.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		object[name] = v
	}
	return object, nil
}

func sortedNames(object map[string]any) []string { return slices.Sorted(maps.Keys(object)) }

// object is a member that is an object.
func object(parent map[string]any, name string) map[string]any {
	o, _ := parent[name].(map[string]any)
	return o
}

// objects is a member that is a list of objects; what is no object is empty.
func objects(parent map[string]any, name string) []map[string]any {
	list, _ := parent[name].([]any)
	all := make([]map[string]any, len(list))
	for i, v := range list {
		all[i], _ = v.(map[string]any)
	}
	return all
}

func textIn(parent map[string]any, name string) string {
	s, _ := parent[name].(string)
	return s
}

func isTrue(parent map[string]any, name string) bool {
	is, _ := parent[name].(bool)
	return is
}

// texts is a member that is a text or a list of texts.
func texts(v any) (list []string, ok bool) {
	switch v := v.(type) {
	case string:
		return []string{v}, true
	case []any:
		for _, element := range v {
			s, isText := element.(string)
			if !isText {
				return nil, false
			}
			list = append(list, s)
		}
		return list, true
	}
	return nil, false
}
