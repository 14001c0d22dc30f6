package criteria

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/internal/findings"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// The oracle evaluates with jsonschema, which keeps every error, and makes
// findings of those. Whatever it finds, the evaluator must find too, and nothing
// else: it is what wrote the reports of the first validators.
type oracle struct {
	root  *jsonschema.Schema
	names map[string]struct{}
}

func newOracle(t tester, schema []byte, schemas Schemas, uri string, opts options) *oracle {
	t.Helper()
	c, err := compileWithLibrary(uri, schema, schemas, opts)
	require.NoError(t, err)
	return oracleOf(c, opts)
}

// oracleOf changes the schema, of which rules must have been made before.
func oracleOf(c compiled, opts options) *oracle {
	o := &oracle{c.root, map[string]struct{}{}}
	all := reachable(append(slices.Clone(c.anchored), c.root))
	for _, sch := range all {
		for name := range sch.Properties {
			o.names[name] = struct{}{}
		}
		for _, name := range sch.Required {
			o.names[name] = struct{}{}
		}
		ownPropertyNames(sch)
	}
	if !opts.undispatched {
		for _, sch := range all {
			oracleDispatchOneOf(sch)
		}
	}
	return o
}

// findings are all that the oracle finds, in their order, each once.
func (o *oracle) findings(record any) []pdx.Finding {
	var failed *jsonschema.ValidationError
	if !errors.As(o.root.Validate(record), &failed) {
		return nil
	}
	c := &Checker{names: o.names}
	w := findings.NewRecorder(c.shows)
	var found []pdx.Finding
	for _, b := range breaches(failed, record) {
		w.Begin(1)
		for _, s := range b.path {
			if s.IsIndex {
				w.Push(findings.Element(s.Index))
			} else {
				w.Push(findings.Name(s.Name))
			}
		}
		found = append(found, pdx.Finding{Record: 1, Path: w.Path(), Rule: b.rule})
	}
	slices.SortFunc(found, func(a, b pdx.Finding) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Rule, b.Rule))
	})
	return slices.Compact(found)
}

// try is findings, unless the oracle crashes: its dispatch on values that are no
// objects has no dynamic scope.
func (o *oracle) try(record any) (found []pdx.Finding, ok bool) {
	defer func() {
		if _, crashed := recover().(runtime.Error); crashed {
			ok = false
		}
	}()
	return o.findings(record), true
}

// sameAsOracle compares both on one record.
func sameAsOracle(t tester, s *schema, o *oracle, record []byte, why string) {
	t.Helper()
	value, err := strict.Decode(record)
	require.NoError(t, err)
	want, ok := o.try(value)
	if !ok {
		return
	}
	got, err := tryEvaluate(context.Background(), t, s, record, 1<<30)
	if errors.Is(err, errCycle) { // no verdict; the oracle makes a finding of it, or did not get there
		return
	}
	require.NoError(t, err)
	require.EqualValues(t, len(want), got.Total, "%s\n%s\nwant %v\ngot %v", why, record, want, got.First)
	require.Equal(t, want[:min(len(want), MaxFindings)], got.First[:len(got.First):len(got.First)], "%s\n%s", why, record)
}

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

// oracleDispatch is dispatch as an extension of jsonschema.
type oracleDispatch struct {
	member   string
	branches map[string]*jsonschema.Schema
	oneOf    *jsonschema.Schema // the oneOf alone
}

func oracleDispatchOneOf(sch *jsonschema.Schema) {
	if len(sch.OneOf) < 2 {
		return
	}
	members := []string{}
	for member := range tagsOf(sch.OneOf[0]) {
		members = append(members, member)
	}
	slices.Sort(members)
	for _, member := range members {
		if branches := branchesBy(member, sch.OneOf); branches != nil {
			oneOf := &jsonschema.Schema{DraftVersion: sch.DraftVersion, Location: sch.Location, OneOf: sch.OneOf}
			sch.Extensions = append(sch.Extensions, &oracleDispatch{member, branches, oneOf})
			sch.OneOf = nil
			return
		}
	}
}

// Validate implements jsonschema.SchemaExt.
func (d *oracleDispatch) Validate(ctx *jsonschema.ValidatorContext, v any) {
	object, ok := v.(map[string]any)
	if !ok {
		if err := ctx.Validate(d.oneOf, v, nil); err != nil {
			ctx.AddErr(err)
		}
		return
	}
	tag, _ := object[d.member].(string)
	branch := d.branches[tag]
	if _, present := object[d.member]; branch == nil || !present {
		ctx.AddError(&noBranch{member: d.member, missing: !present})
		return
	}
	if err := ctx.Validate(branch, v, nil); err != nil {
		ctx.AddErr(err)
	}
}

// noBranch says that an object's member names no branch of a oneOf.
type noBranch struct {
	kind.OneOf
	member  string
	missing bool
}

// propertyNames checks names as the keyword does; jsonschema's own reports the
// place in a slice that it goes on to overwrite.
type propertyNames struct{ names *jsonschema.Schema }

func ownPropertyNames(sch *jsonschema.Schema) {
	if sch.PropertyNames != nil {
		sch.Extensions = append(sch.Extensions, propertyNames{sch.PropertyNames})
		sch.PropertyNames = nil
	}
}

// Validate implements jsonschema.SchemaExt.
func (p propertyNames) Validate(ctx *jsonschema.ValidatorContext, v any) {
	object, _ := v.(map[string]any)
	for name := range object {
		if p.names.Validate(name) != nil {
			ctx.AddError(&kind.PropertyNames{Property: name})
		}
	}
}
