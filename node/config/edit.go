package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/medibloc/pdx/internal/durable"
)

// Set changes a setting in the file of a home and keeps the rest of the file, comments
// included. Several values are separated by commas. A configuration that a node would refuse
// is not written; the error then names the setting and what it takes.
func Set(home, name, value string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	usual, err := settingsOf(Default(home))
	if err != nil {
		return err
	}
	return edit(home, func(settings *yaml.Node) {
		put(settings, strings.Split(name, "."), valueNode(name, value, usual.Get(name)))
	})
}

// Unset removes a setting from the file of a home, so that it has its default.
func Unset(home, name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return edit(home, func(settings *yaml.Node) { remove(settings, strings.Split(name, ".")) })
}

// edit changes the settings of a file and writes it if a node would take it.
func edit(home string, change func(settings *yaml.Node)) error {
	old, err := os.ReadFile(File(home))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if _, err := parse(home, old); err != nil {
		return fmt.Errorf("configuration %s, as it is now: %w", File(home), err)
	}
	whole := strings.HasPrefix(string(bytes.TrimSpace(old)), fileHead)
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(strings.TrimPrefix(string(bytes.TrimSpace(old)), fileHead)), &document); err != nil {
		return unreadable(err)
	}
	if document.Kind == 0 || len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode { // no setting yet
		whole = whole || len(old) == 0
		document = yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
	}
	change(document.Content[0])
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(&document), encoder.Close()); err != nil {
		return err
	}
	now := text.Bytes()
	if whole {
		now = marked(now)
	}
	if _, err := parse(home, now); err != nil {
		return err
	}
	return durable.Replace(File(home), now)
}

// valueNode is a value as the file has it. Text is marked as text where YAML would read a
// number: an account of digits stays one.
func valueNode(name, value string, usual any) *yaml.Node {
	if slices.Contains(listSettings, name) {
		list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, one := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' }) {
			list.Content = append(list.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: strings.TrimSpace(one)})
		}
		return list
	}
	node := &yaml.Node{Kind: yaml.ScalarNode, Value: value}
	if _, ok := usual.(string); ok {
		node.Tag = "!!str"
	}
	return node
}

// put sets the value at a path of names and keeps the comments beside it.
func put(mapping *yaml.Node, path []string, value *yaml.Node) {
	at := find(mapping, path[0])
	if len(path) == 1 {
		if at < 0 {
			mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: path[0]}, value)
			return
		}
		value.LineComment = mapping.Content[at+1].LineComment
		mapping.Content[at+1] = value
		return
	}
	if at < 0 || mapping.Content[at+1].Kind != yaml.MappingNode { // missing, or a section without a setting
		section := &yaml.Node{Kind: yaml.MappingNode}
		put(mapping, path[:1], section)
		put(section, path[1:], value)
		return
	}
	put(mapping.Content[at+1], path[1:], value)
}

func remove(mapping *yaml.Node, path []string) {
	at := find(mapping, path[0])
	switch {
	case at < 0:
	case len(path) == 1:
		mapping.Content = slices.Delete(mapping.Content, at, at+2)
	default:
		remove(mapping.Content[at+1], path[1:])
	}
}

// find is where a name stands in a mapping, -1 if it does not.
func find(mapping *yaml.Node, name string) int {
	if mapping.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return i
		}
	}
	return -1
}
