package criteria

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format/formattest"
)

const ruleDocument = `{"version": %s, "title": "t", "media_type": "application/x-ndjson", "schema": {}, %s
	"fields": [{"pointer": "/id", "required": true, "purpose": "p"}, {"pointer": "/age", "required": true, "purpose": "p"},
	           {"pointer": "/note", "purpose": "p"}]}`

func TestParseRules(t *testing.T) {
	for members, wrong := range map[string]string{
		`"rules": [{"name": "adult", "record": "record.age >= 18", "purpose": "Only adults."}],`: "",
		`"rules": [{"name": "many", "dataset": "dataset.records > 10"}],`:                        "",
		`"max_overlap_ppm": 0, "suppress_below": 20,`:                                            "",
		`"aggregates": [{"name": "a", "measure": "share", "pointer": "/age", "equals": 3}],`:     "",
		`"rules": [{"name": "adult"}],`:                                                          "rules/0: write either record or dataset",
		`"rules": [{"name": "adult", "record": "true", "dataset": "true"}],`:                     "rules/0: write either record or dataset",
		`"rules": [{"name": "A b", "record": "true"}],`:                                          "rules/0: name \"A b\"",
		`"rules": [{"name": "a", "record": "true"}, {"name": "a", "record": "true"}],`:           "rules/1: the name \"a\" is in use",
		`"rules": [{"name": "a", "record": "record.secret"}],`:                                   "no field discloses record.secret",
		`"rules": [{"name": "a", "record": "record.age >"}],`:                                    "rules/0: record: column ",
		`"rules": [{"name": "a", "dataset": "dataset.x > 1"}],`:                                  "has no aggregate \"x\": it has records",
		`"rules": [{"name": "a", "record": "true", "x": 1}],`:                                    "rules/0: unknown member \"x\"",
		`"rules": [{"name": "a", "record": null}],`:                                              "null is not allowed",
		`"rules": [1],`: "rules/0: not an object",
		`"rules": {},`:  "must be an array",
		`"aggregates": [{"name": "records", "measure": "count", "pointer": "/id"}],`:                             "in use",
		`"aggregates": [{"name": "a", "measure": "mean", "pointer": "/id"}],`:                                    "measure \"mean\" is not known",
		`"aggregates": [{"name": "a", "measure": "count", "pointer": "/note"}],`:                                 "no required field covers",
		`"aggregates": [{"name": "a", "measure": "count", "pointer": "id"}],`:                                    "not a JSON pointer",
		`"aggregates": [{"name": "a", "measure": "share", "pointer": "/id"}],`:                                   "equals belongs to",
		`"aggregates": [{"name": "a", "measure": "share", "pointer": "/id", "equals": {}}],`:                     "equals is a text",
		`"rules": [{"name": "a", "record": "true", "purpose": "\u202e"}],`:                                       "rules/0/purpose",
		`"max_overlap_ppm": 1000001,`:                                                                            "max_overlap_ppm: at most",
		`"suppress_below": 10,`:                                                                                  "suppress_below: 11 to",
		`"rules": [` + strings.Repeat(`{"name": "a", "record": "true"},`, 32) + `{"name":"b","record":"true"}],`: "at most 32 rules",
	} {
		_, err := Parse(fmt.Appendf(nil, ruleDocument, "3", members))
		if wrong == "" {
			require.NoError(t, err, members)
			for _, version := range []string{"1", "2"} {
				_, err := Parse(fmt.Appendf(nil, ruleDocument, version, members))
				require.ErrorContains(t, err, "unknown member", members)
			}
			continue
		}
		require.ErrorIs(t, err, ErrDocument, members)
		require.ErrorContains(t, err, wrong, members)
	}
}

// A document of version 3 without its members means what it means in version 2.
func TestVersion3IsVersion2(t *testing.T) {
	data := []byte("{\"id\":1,\"age\":\"x\"}\n{\"id\":1,\"other\":2}\n{}\n")
	check := func(version string) Report {
		doc, err := Parse(fmt.Appendf(nil, ruleDocument, version, `"unique": [["/id"]],`))
		require.NoError(t, err)
		return checkWith(t, doc, data)
	}
	second, third := check("2"), check("3")
	require.NotEmpty(t, second.Findings)
	second.Criteria, third.Criteria = [32]byte{}, [32]byte{}
	require.Equal(t, second, third)
}

func checkWith(t *testing.T, doc *Document, data []byte) Report {
	t.Helper()
	checker, err := NewChecker(doc, nil)
	require.NoError(t, err)
	report, err := checker.Check(context.Background(), formattest.Source(data), nil)
	require.NoError(t, err)
	return report
}

func TestRulesWithoutEnd(t *testing.T) {
	doc, err := Parse(fmt.Appendf(nil, ruleDocument, "3",
		`"rules": [{"name": "slow", "record": "record.id.all(a, record.id.all(b, record.id.all(c, a == c)))"}],`))
	require.NoError(t, err)
	checker, err := NewChecker(doc, nil)
	require.NoError(t, err)
	data := []byte(`{"id":[` + strings.Repeat("1,", 500) + `1],"age":1}`)
	_, err = checker.Check(context.Background(), formattest.Source(data), nil)
	require.ErrorIs(t, err, ErrRules)
	require.ErrorContains(t, err, "record 1: criteria rules: invalid: rule slow: too costly")
}

// The specification's example, and that no verdict on a dataset depends on the order of
// its records.
func TestRulesSpecExample(t *testing.T) {
	spec, err := os.ReadFile("../docs/spec/criteria-rules.md")
	require.NoError(t, err)
	var blocks [][]byte
	for _, match := range regexp.MustCompile("(?ms)^```[a-z]+\n(.*?)^```$").FindAllSubmatch(spec, -1) {
		blocks = append(blocks, match[1])
	}
	require.Len(t, blocks, 3)
	doc, err := Parse(blocks[0])
	require.NoError(t, err)
	require.Equal(t, string(blocks[2]), reportText(checkWith(t, doc, blocks[1])))

	records := bytes.SplitAfter(bytes.TrimSuffix(blocks[1], []byte("\n")), []byte("\n"))
	records[len(records)-1] = append(records[len(records)-1], '\n')
	want := checkWith(t, doc, blocks[1])
	rand.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	got := checkWith(t, doc, bytes.Join(records, nil))
	require.Equal(t, want.Total, got.Total)
	require.Equal(t, want.Figures, got.Figures)
}

// A report counts records by rule, and CheckBroken names them.
func TestBrokenRecords(t *testing.T) {
	doc, err := Parse(fmt.Appendf(nil, ruleDocument, "3",
		`"unique": [["/id"]], "rules": [{"name": "adult", "record": "record.age >= 18"}, {"name": "many", "dataset": "false"}],`))
	require.NoError(t, err)
	checker, err := NewChecker(doc, nil)
	require.NoError(t, err)
	data := []byte("{\"id\":1,\"age\":20}\n{\"id\":1,\"age\":3,\"x\":1,\"y\":1}\n{\"id\":2}\nx\n{\"id\":3,\"age\":30}\n")
	report, broken, err := checker.CheckBroken(context.Background(), formattest.Source(data), 100, nil)
	require.NoError(t, err)
	require.Equal(t, []uint64{2, 3, 4}, broken)
	_, broken, err = checker.CheckBroken(context.Background(), formattest.Source(data), 2, nil)
	require.NoError(t, err)
	require.Equal(t, []uint64{2, 3}, broken)
	require.EqualValues(t, 3, report.Broken)
	require.Equal(t, map[string]uint64{
		"unique/0": 1, "undisclosed": 1, "rule/adult": 1, "rule-error/adult": 1, "json": 1,
	}, report.ByRule)
}
