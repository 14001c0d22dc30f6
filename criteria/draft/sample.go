package draft

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/canonical"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// sampleRecords is how many records of a sample are read.
const sampleRecords = 10_000

// errEnough ends the reading of a sample.
var errEnough = errors.New("enough")

// seen is what a sample says of a member.
type seen struct {
	first   int // in the order of the records
	records uint64
	types   map[string]bool
}

// FromSample returns the columns of a data file: the members of its first 10,000 records,
// with the types of their values. A column is required if all of these records have it.
// The error is that of criteria.Survey.
func FromSample(ctx context.Context, src format.Source, f format.File) ([]Column, error) {
	members, records := map[string]*seen{}, uint64(0)
	reader := f.Read(src, format.Options{MaxRecord: criteria.MaxRecordBytes, FailFast: true})
	err := format.Each(ctx, reader, func(raw []byte) error {
		if records == sampleRecords {
			return errEnough
		}
		tree, err := strict.Parse(raw)
		if err != nil {
			return err
		}
		if tree.Root().Kind() != '{' {
			return &strict.Error{Rule: criteria.RuleObject}
		}
		records++
		for name, value := range tree.Root().Members() {
			m := members[string(name.Text())]
			if m == nil {
				m = &seen{first: len(members), types: map[string]bool{}}
				members[string(name.Text())] = m
			}
			m.records++
			m.types[typeOf(value)] = true
		}
		if len(members) > criteria.MaxFields {
			return fmt.Errorf("%w: more than %d different top-level fields", criteria.ErrData, criteria.MaxFields)
		}
		return nil
	})
	switch {
	case err != nil && !errors.Is(err, errEnough):
		return nil, err
	case records == 0:
		return nil, fmt.Errorf("%w: there are no records in it", criteria.ErrData)
	}
	return columns(members, records), nil
}

func columns(members map[string]*seen, records uint64) []Column {
	names := slices.SortedFunc(maps.Keys(members), func(a, b string) int { return members[a].first - members[b].first })
	var list []Column
	for _, name := range names {
		m := members[name]
		if m.types["number"] {
			delete(m.types, "integer")
		}
		schema := map[string]any{}
		switch types := slices.Sorted(maps.Keys(m.types)); len(types) {
		case 1:
			schema["type"] = types[0]
		default:
			schema["type"] = types
		}
		list = append(list, Column{Name: name, Schema: schema, Required: m.records == records})
	}
	return list
}

// typeOf is the type of a value, as JSON Schema calls it.
func typeOf(v strict.Value) string {
	switch v.Kind() {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	if digits, exponent, _ := canonical.Decimal(string(v.Raw())); exponent >= 0 || digits == "" {
		return "integer"
	}
	return "number"
}
