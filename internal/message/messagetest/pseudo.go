// Package messagetest has a pseudo-language: English in which every letter of the
// catalogue has an accent. A plain letter on the screen then comes from elsewhere.
package messagetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/medibloc/pdx/internal/message"
)

// Lang is the tag of the pseudo-language.
const Lang = "en-XA"

var accents = strings.NewReplacer(strings.Split("aáAÁbƀBɃcçCÇdđDĐeéEÉfƒFƑgğGĞhĥHĤiíIÍjĵJĴkķKĶlłLŁmɱMṀ"+
	"nñNÑoóOÓpþPÞqɋQɊrŕRŔsšSŠtŧTŦuúUÚvṽVṼwŵWŴxẋXẊyýYÝzžZŽ", "")...)

// Pseudo returns the catalogue of the pseudo-language.
func Pseudo(t *testing.T) *message.Catalog {
	t.Helper()
	var tree yaml.Node
	require.NoError(t, yaml.Unmarshal(message.Source("en"), &tree))
	accent(&tree)
	raw, err := yaml.Marshal(&tree)
	require.NoError(t, err)
	c, err := message.Parse(Lang, raw)
	require.NoError(t, err)
	return c
}

// accent changes the values of a tree and leaves its keys.
func accent(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		n.Value, n.Style = Accent(n.Value), yaml.DoubleQuotedStyle
		return
	}
	for i, child := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			accent(child)
		}
	}
}

// Accent returns a text in the pseudo-language; its {placeholders} stay.
func Accent(text string) string {
	out := ""
	for text != "" {
		before, rest, hole := strings.Cut(text, "{")
		out += accents.Replace(before)
		name, after, closed := strings.Cut(rest, "}")
		if !hole || !closed || strings.ContainsAny(name, " :") {
			return out + accents.Replace(text[len(before):])
		}
		out += "{" + name + "}"
		text = after
	}
	return out
}
