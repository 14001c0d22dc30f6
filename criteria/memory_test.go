package criteria

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx/criteria/format/formattest"
)

// While it checks a record, a process takes at most memoryPerByte times the
// record's size more, and memoryBase: what docs/spec/criteria.md says of records.
const (
	memoryPerByte = 40
	memoryBase    = 32 << 20
)

// resident is a number of bytes that the kernel counts for this process: VmRSS
// now, or VmHWM at most since it was reset.
func resident(t testing.TB, name string) int {
	t.Helper()
	raw, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	match := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(raw)
	require.NotNil(t, match)
	n, err := strconv.Atoi(string(match[1]))
	require.NoError(t, err)
	return n << 10
}

// peakOf is how much more memory this process had at most while work ran.
func peakOf(t testing.TB, work func()) int {
	t.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // as it is by default
	debug.FreeOSMemory()
	before := resident(t, "VmRSS")
	require.NoError(t, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)) // VmHWM is VmRSS now
	work()
	return resident(t, "VmHWM") - before
}

func needsMemory(t testing.TB) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector takes memory of its own")
	}
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Skipf("the kernel does not tell the peak of this process: %v", err)
	}
}

// bounded checks a record and the memory that this takes.
func bounded(t testing.TB, c *Checker, record []byte, what string) (report Report, err error) {
	t.Helper()
	peak := peakOf(t, func() { report, err = c.Check(context.Background(), formattest.Source(record), nil) })
	if !errors.Is(err, ErrCost) {
		require.NoError(t, err, what)
	}
	t.Logf("%-40s %5.1f MiB: %6.1f MiB, %.1f times; %d findings", what,
		float64(len(record))/(1<<20), float64(peak)/(1<<20), float64(peak)/float64(len(record)), report.Total)
	require.Less(t, peak, memoryBase+memoryPerByte*len(record), what)
	return report, err
}

// hostile is a record of a size, made of one unit again and again, and what it is
// checked by.
type hostile struct {
	name, schema, field, unit string
	numbered                  bool // the unit has a number that is different each time
	unique                    string
	findings                  func(units uint64) uint64 // nil: whatever they are
	whole                     bool                      // a record of the greatest size is checked, too
}

func (h hostile) checker(t testing.TB) *Checker {
	t.Helper()
	unique := `[]`
	if h.unique != "" {
		unique = h.unique
	}
	return newExample(t, fmt.Appendf(nil, `{"version":2,"title":"t","media_type":"application/x-ndjson","assert_formats":true,
		"schema":%s,"record_bytes":{"max":%d},"unique":%s,
		"fields":[{"pointer":"/id","required":true,"purpose":"p"},{"pointer":%q,"required":true,"purpose":"p"}]}`,
		h.schema, MaxRecordBytes, unique, h.field))
}

func (h hostile) record(size int) (record []byte, units uint64) {
	open, end := `[`, `]`
	if strings.HasPrefix(h.unit, `"`) && strings.Contains(h.unit, `":`) {
		open, end = `{`, `}`
	}
	b := bytes.NewBufferString(`{"id":1,"a":` + open)
	for b.Len()+len(h.unit)+12 < size {
		if units > 0 {
			b.WriteByte(',')
		}
		units++
		if h.numbered {
			fmt.Fprintf(b, h.unit, units)
		} else {
			b.WriteString(h.unit)
		}
	}
	b.WriteString(end + `}`)
	return b.Bytes(), units
}

func times(n uint64) func(uint64) uint64 { return func(units uint64) uint64 { return n * units } }

func ofA(schema string) string { return `{"properties":{"a":` + schema + `}}` }

func inItems(schema string) string {
	return `{"type":"object","properties":{"a":{"items":` + schema + `}}}`
}

// The worst that is known: what takes the most memory, or did once.
var hostiles = []hostile{
	{name: "empty objects", schema: `{}`, field: "/a", unit: `{}`, findings: times(0)},
	{name: "objects of one member", schema: `{}`, field: "/a", unit: `{"":0}`, findings: times(0), whole: true},
	{name: "undisclosed", schema: `{}`, field: "/a/at", unit: `0`, findings: times(1)},
	{name: "wrong type", schema: inItems(`{"type":"string"}`), field: "/a", unit: `0`, findings: times(1)},
	{name: "three members missing", schema: inItems(`{"required":["x","y","z"]}`), field: "/a", unit: `{}`, findings: times(3), whole: true},
	{
		name: "twenty branches", schema: inItems(`{"anyOf":[` + strings.Repeat(`{"type":"string"},`, 19) + `{"type":"string"}]}`),
		field: "/a", unit: `0`, findings: times(1),
	},
	{name: "a schema that is false", schema: inItems(`false`), field: "/a", unit: `0`, findings: times(1)},
	{name: "undisclosed and wrong", schema: inItems(`{"type":"string"}`), field: "/a/at", unit: `0`, findings: times(2)},
	{name: "everything missing", schema: inItems(`{"required":["a0","a1","a2","a3","a4","a5","a6","a7","a8","a9"]}`), field: "/a", unit: `{}`},
	{name: "distinct numbers", schema: ofA(`{"uniqueItems":true}`), field: "/a", unit: `%d`, numbered: true, findings: times(0)},
	{name: "many members", schema: ofA(`{"uniqueItems":true}`), field: "/a", unit: `"%x":0`, numbered: true, findings: times(0)},
	{
		name: "many members, none allowed", schema: ofA(`{"additionalProperties":false}`),
		field: "/a", unit: `"n%x":0`, numbered: true, findings: times(1),
	},
	{name: "many members of a key", schema: `{}`, field: "/a", unit: `"%x":0`, numbered: true, unique: `[["/a"]]`, findings: times(0)},
	{name: "names that are data", schema: ofA(`{"additionalProperties":false}`), field: "/a", unit: `"%x x":0`, numbered: true},
	{
		name: "escaped names", schema: ofA(`{"propertyNames":{"maxLength":1}}`),
		field: "/a", unit: `"\u0061%x":0`, numbered: true, findings: times(1),
	},
	{
		name:   "unevaluated",
		schema: ofA(`{"anyOf":[{"contains":{"type":"object"}},{"contains":{"type":"integer"}}],"unevaluatedItems":false}`),
		field:  "/a", unit: `0`, findings: times(0),
	},
	{
		name:   "unevaluated, each wrong",
		schema: ofA(`{"anyOf":[true,{"contains":{"type":"object"}}],"unevaluatedItems":{"type":"string"}}`),
		field:  "/a", unit: `0`, findings: times(1),
	},
	{name: "large numbers", schema: inItems(`{"multipleOf":7}`), field: "/a", unit: `1e999`},
	{name: "large numbers divided by small ones", schema: inItems(`{"multipleOf":1e-999}`), field: "/a", unit: `1e999`},
	{name: "equal large numbers", schema: ofA(`{"uniqueItems":true}`), field: "/a", unit: `1e999`, findings: func(uint64) uint64 { return 1 }},
	{name: "many strings", schema: inItems(`{"type":"string","pattern":"^[a-z]+$","format":"email"}`), field: "/a", unit: `"\u00e4"`},
	{name: "a literal object", schema: inItems(`{"enum":[{"x":[1,2]},{"y":1}]}`), field: "/a", unit: `{"x":[1,3]}`, findings: times(1)},
	{name: "nested", schema: inItems(`{"items":{"items":{"type":"string"}}}`), field: "/a", unit: `[[0]]`, findings: times(1)},
}

func TestMemoryOfHostileRecords(t *testing.T) {
	needsMemory(t)
	for _, h := range hostiles {
		checkHostile(t, h, 2<<20)
		if h.whole {
			checkHostile(t, h, MaxRecordBytes)
		}
	}
}

// The criteria that `pdx sample` gives, and records that are nothing like a patient.
func TestMemoryOfSampleCriteria(t *testing.T) {
	needsMemory(t)
	raw, err := os.ReadFile("sample/criteria/Patient.json")
	require.NoError(t, err)
	for _, unit := range []string{"0", "{}"} {
		many := strings.Repeat(unit+",", (DefaultRecordBytes-100)/(len(unit)+1)) + unit
		record := `{"resourceType":"Patient","id":"x","address":[` + many + "]}"
		report, err := bounded(t, newExample(t, raw), []byte(record), "sample criteria, "+unit)
		require.NoError(t, err)
		require.NotZero(t, report.Total)
	}
}

func checkHostile(t *testing.T, h hostile, size int) {
	t.Helper()
	c := h.checker(t)
	record, units := h.record(size)
	report, err := bounded(t, c, record, h.name)
	if h.findings != nil {
		require.NoError(t, err, h.name) // else nothing was measured
		require.Equal(t, h.findings(units), report.Total, h.name)
	}
}

// One string may be as long as a record.
func TestMemoryOfLongStrings(t *testing.T) {
	needsMemory(t)
	for _, format := range []string{"uuid", "json-pointer", "hostname", "regex", "uri", "uri-template", "email", "date-time"} {
		for _, unit := range []string{"-", "/", ".", "(", "%41"} {
			c := hostile{schema: fmt.Sprintf(`{"properties":{"a":{"format":%q}}}`, format), field: "/a"}.checker(t)
			bounded(t, c, []byte(`{"id":1,"a":"`+strings.Repeat(unit, 4<<20/len(unit))+`"}`), format+" "+unit)
		}
	}
}

// Any schema and any record stay within the bound.
func TestMemoryOfAnyRecord(t *testing.T) {
	needsMemory(t)
	rapid.Check(t, func(rt *rapid.T) {
		g := schemaGenerator{rt}
		schema, err := json.Marshal(map[string]any{"properties": map[string]any{"a": g.pick(g.schema(3), map[string]any{"items": g.schema(3)})}})
		require.NoError(rt, err)
		h := hostile{schema: string(schema), field: rapid.SampledFrom([]string{"/a", "/a/b"}).Draw(rt, "field"), unit: g.value("unit", 3)}
		doc, err := Parse(fmt.Appendf(nil, `{"version":2,"title":"t","media_type":"application/x-ndjson","schema":%s,
			"fields":[{"pointer":"/id","purpose":"p"},{"pointer":%q,"purpose":"p"}]}`, h.schema, h.field))
		require.NoError(rt, err)
		c, err := NewChecker(doc, nil)
		if err != nil {
			rt.Skip("not a schema")
		}
		record, _ := h.record(DefaultRecordBytes)
		peak := peakOf(t, func() { _, err = c.Check(context.Background(), formattest.Source(record), nil) })
		if err != nil && !errors.Is(err, ErrSchema) {
			rt.Fatal(err)
		}
		if peak > memoryBase+memoryPerByte*len(record) {
			rt.Fatalf("%d bytes for a record of %d\n%s\n%s", peak, len(record), schema, h.unit)
		}
	})
}
