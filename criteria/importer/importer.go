package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/draft"
)

// Kind is what a file is written in.
type Kind string

// The kinds of files that are read.
const (
	ODCS         Kind = "odcs"
	Frictionless Kind = "frictionless"
)

// Options say how a file is read.
type Options struct {
	// From is the kind of the file; empty: what its members tell.
	From Kind
	// Table selects one of several tables by its name.
	Table string
	// MediaType is that of the data.
	MediaType string
	// Drop are paths of rules that are left out, as the error names them.
	Drop []string
}

var (
	// ErrFile: the file is not of a kind that is read.
	ErrFile = fmt.Errorf("schema to import: %w", pdx.ErrInvalid)
	// ErrRule: the file has rules that criteria cannot have. The error names them.
	ErrRule = fmt.Errorf("rules that cannot be imported: %w", pdx.ErrInvalid)
)

// MaxRefusals bounds the rules that an error names.
const MaxRefusals = 50

// Import reads a file. The error is ErrFile or ErrRule.
func Import(raw []byte, o Options) (draft.Draft, error) {
	root, err := parse(raw)
	if err != nil {
		return draft.Draft{}, fmt.Errorf("%w: %w", ErrFile, err)
	}
	kind := o.From
	if kind == "" {
		kind = kindOf(root)
	}
	t := &table{refusals: refusals{drop: o.Drop, dropped: map[string]bool{}}, draft: draft.Draft{MediaType: o.MediaType}}
	switch kind {
	case ODCS:
		err = t.contract(root, o.Table)
	case Frictionless:
		err = t.tableSchema(root, o.Table)
	default:
		err = errors.New("neither a data contract with apiVersion and schema, nor a table schema with fields")
	}
	if err != nil {
		return draft.Draft{}, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if err := t.err(); err != nil {
		return draft.Draft{}, err
	}
	return t.draft, nil
}

func kindOf(root map[string]any) Kind {
	switch {
	case root["kind"] == "DataContract" || root["apiVersion"] != nil:
		return ODCS
	case root["fields"] != nil || root["resources"] != nil || root["schema"] != nil:
		return Frictionless
	}
	return ""
}

// refusals collects what cannot be carried.
type refusals struct {
	drop    []string
	dropped map[string]bool
	list    []string
}

// refuse notes a rule that is not carried, unless it was dropped.
func (r *refusals) refuse(path, why string) {
	if r.drops(path) {
		return
	}
	r.list = append(r.list, path+": "+why)
}

// drops reports whether a rule is left out.
func (r *refusals) drops(path string) bool {
	if !slices.Contains(r.drop, path) {
		return false
	}
	r.dropped[path] = true
	return true
}

// only refuses the members of an object that are neither read nor without meaning for
// the data.
func (r *refusals) only(path string, object map[string]any, known ...string) {
	for _, name := range sortedNames(object) {
		if !slices.Contains(known, name) {
			r.refuse(join(path, name), "there is no such rule in criteria")
		}
	}
}

func (r *refusals) err() error {
	for _, path := range r.drop {
		if !r.dropped[path] {
			return fmt.Errorf("%w: nothing was refused at %q: leave it out of the rules to drop", ErrFile, path)
		}
	}
	if len(r.list) == 0 {
		return nil
	}
	slices.Sort(r.list)
	list := slices.Compact(r.list)
	more := ""
	if n := len(list) - MaxRefusals; n > 0 {
		list, more = list[:MaxRefusals], fmt.Sprintf("; and %d more", n)
	}
	return fmt.Errorf("%w: %s%s", ErrRule, strings.Join(list, "; "), more)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}
