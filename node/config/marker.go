package config

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"

	"github.com/medibloc/pdx"
)

const (
	// fileHead is the first line of a file that Save wrote: it promises endMarker.
	fileHead = "# pdx configuration. Keep the last line: without it, the file counts as cut off."
	// endMarker is YAML's end of a document. Half of a YAML file is mostly valid YAML
	// too, so only a last line shows that a file is whole.
	endMarker = "..."
)

// wholeYAML parses YAML and refuses a file that Save wrote and that lost its end. A file of
// another origin may be without endMarker.
type wholeYAML struct {
	yaml.YAML
	marked bool // the last text that was parsed has endMarker
}

func (w *wholeYAML) Unmarshal(text []byte) (map[string]any, error) {
	whole := strings.TrimSpace(string(text))
	w.marked = whole == endMarker || strings.HasSuffix(whole, "\n"+endMarker)
	saved := strings.HasPrefix(whole, fileHead) || whole != "" && strings.HasPrefix(fileHead, whole)
	if saved && !w.marked {
		return nil, fmt.Errorf("%w: the file is cut off: its last line is not %q; restore it, or complete it and add that line",
			pdx.ErrInvalid, endMarker)
	}
	return w.YAML.Unmarshal(text)
}

// marked returns the text of a file with its first line and its end.
func marked(text []byte) []byte {
	return bytes.Join([][]byte{[]byte(fileHead), bytes.TrimSpace(text), []byte(endMarker), nil}, []byte("\n"))
}
