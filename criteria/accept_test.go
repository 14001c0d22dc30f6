package criteria

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/internal/accept"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// accepter is a matcher of a schema whose records may have every field; nil if it has no
// program.
func (s *schema) accepter(opts options) *accept.Matcher {
	p := s.program(&fields.Tree{Whole: true}, true, nil, opts)
	if p == nil {
		return nil
	}
	return p.Matcher()
}

// acceptsAsJudge fails if a matcher accepts what the judge does not find valid; it reports
// whether the matcher accepted.
func acceptsAsJudge(t tester, s *schema, m *accept.Matcher, record []byte, why string) bool {
	t.Helper()
	if m == nil || !m.Accepts(record) {
		return false
	}
	tree, err := strict.Parse(record)
	require.NoError(t, err)
	e := s.evaluator(Version, func(string) bool { return true })
	e.recorder.Begin(1)
	require.NoError(t, e.run(context.Background(), tree.Root(), len(record)), "%s\n%s", why, record)
	require.Zero(t, e.recorder.Total, "accepted: %s\n%s\n%v", why, record, e.recorder.First)
	require.GreaterOrEqual(t, m.Steps(), stepsBase+stepsPerByte*len(record)-e.meter.left, "%s\n%s", why, record)
	return true
}

// Whatever is accepted is valid by the judge, and costs it no more than it may spend.
func TestAcceptedIsValid(t *testing.T) {
	accepted := 0
	rapid.Check(t, func(rt *rapid.T) {
		draft := rapid.SampledFrom([]string{"draft6", "draft7", "draft2019-09", "draft2020-12"}).Draw(rt, "draft")
		g := schemaGenerator{rt}
		members := g.keywords(3)
		members["$schema"] = suiteDrafts[draft]
		members["$defs"] = map[string]any{"a": g.schema(2), "b": g.schema(1)}
		raw, err := json.Marshal(members)
		require.NoError(rt, err)
		opts := options{assertFormats: rapid.Bool().Draw(rt, "formats")}
		s, err := compileSchema(inlineURI, raw, nil, opts)
		if err != nil {
			rt.Skip("not a schema")
		}
		m := s.accepter(opts)
		for i := range 8 {
			if acceptsAsJudge(rt, s, m, []byte(g.value(fmt.Sprint("record", i), 4)), string(raw)) {
				accepted++
			}
		}
	})
	require.NotZero(t, accepted)
}

// acceptedSchemas have every keyword that the program knows.
var acceptedSchemas = []string{
	`{}`, `{"type":"object","additionalProperties":false,"properties":{"a":true,"b":{"type":"integer","minimum":-3,"exclusiveMaximum":1e3}}}`,
	`{"properties":{"a":{"items":{"type":"string","pattern":"^[a-z]+$","minLength":1,"maxLength":9}},
		"n":{"multipleOf":0.01}},"required":["a"]}`,
	`{"allOf":[{"required":["a"]},{"minProperties":1}],
		"anyOf":[{"properties":{"a":{"type":"null"}}},{"properties":{"a":{"enum":["x",1,true,null]}}}]}`,
	`{"oneOf":[{"properties":{"t":{"const":"a"},"v":{"type":"number"}},"required":["t"]},
		{"properties":{"t":{"const":"b"},"v":{"type":"string","format":"date"}},"required":["t","v"]}]}`,
	`{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"c":{"type":"array","maxItems":3,"uniqueItems":true,
		"items":{"$ref":"#/$defs/tree"}},"v":{"not":{"type":"string"}}},"additionalProperties":false}}}`,
	`{"if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]},"else":{"maxProperties":2},
		"prefixItems":[true,{"type":"null"}],"items":false}`,
	`{"properties":{"a":{"contains":{"const":"x"},"maxContains":2,"uniqueItems":true},"b":{"minContains":2,"contains":{"type":"object"}}}}`,
}

// FuzzAccept compares the program with the judge on any bytes: what the strict parser
// refuses is never accepted.
func FuzzAccept(f *testing.F) {
	var schemas []*schema
	var matchers []*accept.Matcher
	for _, raw := range acceptedSchemas {
		opts := options{assertFormats: true}
		s, err := compileSchema(inlineURI, []byte(raw), nil, opts)
		require.NoError(f, err)
		schemas, matchers = append(schemas, s), append(matchers, s.accepter(opts))
		require.NotNil(f, matchers[len(matchers)-1], raw)
	}
	for _, seed := range []string{
		`{}`, ` {"a" : [ "x", "y" ] , "b":-0.50e2}`, `{"a":null,"a":1}`,
		`{"a":"\ud83d\ude00\n"}`, "{\"a\":\"\xff\"}", `{"t":"b","v":"2020-02-30"}`,
		`{"v":1,"t":"a"}`, `{"c":[{"c":[]}],"v":0}`, `{"n":1.25,"a":[]}`, `{"n":01}`,
		`[1,]`, `{"b":999999999999999999999}`, `{"a":tru}`, strings.Repeat("[", 200),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		record := []byte(text)
		_, refused := strict.Parse(record)
		for i, m := range matchers {
			if refused != nil {
				require.False(t, m.Accepts(record), "%s: %q", acceptedSchemas[i], text)
				continue
			}
			acceptsAsJudge(t, schemas[i], m, record, acceptedSchemas[i])
		}
	})
}

// recordedKeys are keys as a check gives them.
type recordedKeys struct{ bytes.Buffer }

// End implements Keys.
func (k *recordedKeys) End(key uint8) error { return k.WriteByte(key) }

// outcome is all that a check comes to.
type outcome struct {
	report Report
	broken []uint64
	keys   string
	err    string
}

func outcomeOf(t testing.TB, c *Checker, data []byte) (o outcome) {
	t.Helper()
	var keys recordedKeys
	report, err := c.CheckKeys(t.Context(), formattest.Source(data), &keys, nil)
	if err != nil {
		return outcome{err: err.Error()}
	}
	again, broken, err := c.CheckBroken(t.Context(), formattest.Source(data), 5, nil)
	require.NoError(t, err)
	require.Equal(t, report, again)
	return outcome{report, broken, keys.String(), ""}
}

// differing are documents, and records some of which break them in every way.
var differing = []struct{ name, doc, records string }{
	{
		"flat", `{"version":2,"title":"t","media_type":"application/x-ndjson","unique":[["/id"],["/a","/n"]],"record_bytes":{"min":8},
		"schema":{"properties":{"id":{"type":"integer"},"a":{"type":"string"},"n":{"type":"number","minimum":0}}},
		"fields":[{"pointer":"/id","required":true,"purpose":"p"},{"pointer":"/a","required":true,"purpose":"p"},
			{"pointer":"/n","required":true,"purpose":"p"}]}`,
		`{"id":%d,"a":"x%d","n":1}|{"id":%d,"a":"y","n":-1}|{"id":1,"a":"z","n":1}|{"id":%d,"a":"\u00e4","n":2e0}|
		{"id":%d}|{"id":%d,"secret":1}|[]||{|
		{"id":%d,"id":2}|{"a":1}|{"id":%d,"a":"longer than is usual","n":0.25}|
		{"n":3,"a":"q","id":%d}| {"id": %d, "a": "w", "n": 7} |{"id":"%d"}`,
	},
	{
		"nested", `{"version":2,"title":"t","media_type":"application/x-ndjson","unique":[["/p/id"]],
		"schema":{"properties":{"p":{"type":"object","properties":{"id":{"type":"integer"},"l":{"items":{"type":"object"}}}}}},
		"fields":[{"pointer":"/p/id","required":true,"purpose":"p"},{"pointer":"/p/l/v","purpose":"p"}]}`,
		`{"p":{"id":%d}}|{"p":{"id":%d,"l":[{"v":1},null,{"v":[2]}]}}|{"p":{"id":%d,"l":[{"w":1}]}}|
		{"p":5}|{"p":{"id":7}}|{"p":{"l":[]}}|{"p":{"id":%d,"l":[]}}`,
	},
	{
		"no keys", `{"version":3,"title":"t","media_type":"application/x-ndjson","records":{"max":90},
		"schema":{"properties":{"id":{"type":"integer"},"v":{"enum":[1,2,3]}}},"rules":[{"name":"small","record":"record.v < 3"}],
		"aggregates":[{"name":"a","measure":"sum","pointer":"/v"}],
		"fields":[{"pointer":"/id","required":true,"purpose":"p"},{"pointer":"/v","required":true,"purpose":"p"}]}`,
		`{"id":%d,"v":1}|{"id":%d,"v":2}|{"id":%d,"v":3}|{"id":%d,"v":4}|{"id":%d}|{"v":1.0}`,
	},
	{
		"old", `{"version":1,"title":"t","media_type":"application/x-ndjson","schema":{},
		"fields":[{"pointer":"/a/b","purpose":"p"},{"pointer":"/id","required":true,"purpose":"p"}]}`,
		`{"id":%d,"a":[{"b":1}]}|{"id":%d,"a":[null]}|{"id":%d,"a":{"b":{}}}|{"id":%d,"a":null}|{"id":%d,"a":{}}`,
	},
}

// With and without the program, and with any number of goroutines, a check comes to the same.
func TestSameOutcomeWithoutProgram(t *testing.T) {
	for _, d := range differing {
		t.Run(d.name, func(t *testing.T) {
			kinds := strings.Split(strings.NewReplacer("\n", "", "\t", "").Replace(d.records), "|")
			checker := func(opts ...Option) *Checker {
				doc, err := Parse([]byte(d.doc))
				require.NoError(t, err)
				c, err := NewChecker(doc, nil, opts...)
				require.NoError(t, err)
				require.NotNil(t, c.program)
				return c
			}
			judge, fast, many := checker(), checker(), checker(WithWorkers(3))
			judge.program = nil
			random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test repeats itself
			for round := range 20 {
				var data strings.Builder
				records := 1 + random.IntN(100)
				if round == 0 {
					records = 50
				}
				for n := range records {
					kind := kinds[random.IntN(len(kinds))]
					if round%2 == 0 {
						kind = kinds[0] // most data are valid
					}
					data.WriteString(strings.ReplaceAll(kind, "%d", fmt.Sprint(n+10)) + "\n")
				}
				want := outcomeOf(t, judge, []byte(data.String()))
				require.Equal(t, want, outcomeOf(t, fast, []byte(data.String())), data.String())
				require.Equal(t, want, outcomeOf(t, many, []byte(data.String())), data.String())
				if round == 0 {
					require.Empty(t, want.report.Findings)
				}
			}
		})
	}
}

// Many batches are checked at once, and findings, keys and the end come in their order.
func TestWorkersKeepOrder(t *testing.T) {
	doc := `{"version":2,"title":"t","media_type":"application/x-ndjson","unique":[["/id"]],
		"schema":{"properties":{"id":{"type":"integer"},"a":{"type":"string"}}},
		"fields":[{"pointer":"/id","required":true,"purpose":"p"},{"pointer":"/a","required":true,"purpose":"p"}]}`
	var data strings.Builder
	for n := range 20_000 {
		switch {
		case n%3331 == 3330:
			fmt.Fprintf(&data, `{"id":%d,"a":%d}`+"\n", n, n)
		case n%4447 == 4446:
			fmt.Fprintf(&data, `{"id":%d,"a":"twice"}`+"\n", n-4000)
		default:
			fmt.Fprintf(&data, `{"id":%d,"a":"%s"}`+"\n", n, strings.Repeat("x", n%90))
		}
	}
	var want outcome
	for workers := range 5 {
		parsed, err := Parse([]byte(doc))
		require.NoError(t, err)
		c, err := NewChecker(parsed, nil, WithWorkers(workers))
		require.NoError(t, err)
		got := outcomeOf(t, c, []byte(data.String()))
		if workers == 0 {
			want = got
			require.EqualValues(t, 10, got.report.Broken)
		}
		require.Equal(t, want, got, workers)
	}
	t.Run("canceled", func(t *testing.T) {
		parsed, err := Parse([]byte(doc))
		require.NoError(t, err)
		c, err := NewChecker(parsed, nil, WithWorkers(2))
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		_, err = c.Check(ctx, formattest.Source([]byte(data.String())), func(uint64) { cancel() })
		require.ErrorIs(t, err, context.Canceled)
	})
}

// What hostile schemas and records cost, and whether they have a verdict, is the same.
func TestHostilesWithoutProgram(t *testing.T) {
	for _, h := range hostiles {
		t.Run(h.name, func(t *testing.T) {
			record, _ := h.record(20 << 10)
			fast, judge := h.checker(t), h.checker(t)
			judge.program = nil
			want, wrong := judge.Check(t.Context(), formattest.Source(record), nil)
			got, err := fast.Check(t.Context(), formattest.Source(record), nil)
			require.Equal(t, errors.Is(wrong, ErrCost), errors.Is(err, ErrCost))
			require.Equal(t, want, got)
		})
	}
}
