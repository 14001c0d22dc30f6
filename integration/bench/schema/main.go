// Schema measures how fast FHIR R4's whole schema is checked, beside Ajv 8 from npm, on one
// core and over the same records. Time is the processor's.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/integration/bench"
)

//go:embed ajv.cjs
var script []byte

// kinds are the records that are measured.
var kinds = []string{"Patient", "Condition", "Immunization", "Encounter"}

// megabytes is how many MB each measurement checks at least.
const megabytes = 2

func main() {
	modules := flag.String("modules", "", "node_modules with ajv and ajv-formats; empty: without Ajv")
	data := flag.String("data", "../shared/data", "folder with schema/fhir-r4.schema.json and synthea/")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	if err := measure(context.Background(), *modules, *data); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, modules, data string) error {
	schema := filepath.Join(data, "schema", "fhir-r4.schema.json")
	checker, err := fhir(schema)
	if err != nil {
		return err
	}
	table := bench.Table{
		Name: "schema", Title: "FHIR R4's whole schema, in MB for each second of a processor",
		Columns: []string{"pdx", "Ajv", "Ajv, branch", "pdx / Ajv", "pdx / branch"},
	}
	table.Note("Ajv, branch: the branch of the schema's oneOf that the records are of, named by hand.")
	rivals, err := byAjv(ctx, modules, schema, data)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		own, err := rate(ctx, checker, filepath.Join(data, "synthea", kind+".ndjson"))
		if err != nil {
			return err
		}
		r := rivals[kind]
		table.Add(kind, own, r.Whole, r.Branch, ratio(own, r.Whole), ratio(own, r.Branch))
	}
	return table.Report()
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// fhir compiles FHIR's schema, for whole records.
func fhir(name string) (*criteria.Checker, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	doc := &criteria.Document{
		Version: criteria.Version, Title: "FHIR R4", MediaType: criteria.NDJSON, Schema: fmt.Appendf(nil, `{"cid":%q}`, criteria.IDOf(raw)),
		AssertFormats: true, Fields: []criteria.Field{{Purpose: "all"}},
	}
	encoded, err := doc.Encode()
	if err != nil {
		return nil, err
	}
	if doc, err = criteria.Parse(encoded); err != nil {
		return nil, err
	}
	return criteria.NewChecker(doc, criteria.Bundle(raw))
}

// rate is the best of five runs after one that warms up.
func rate(ctx context.Context, checker *criteria.Checker, name string) (best float64, err error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	times := megabytes*1_000_000/len(raw) + 1
	for run := range 6 {
		before := bench.Processor()
		for range times {
			report, err := checker.Check(ctx, format.Source{ReaderAt: bytes.NewReader(raw), Size: int64(len(raw))}, nil)
			if err != nil {
				return 0, err
			}
			if !report.OK() {
				return 0, fmt.Errorf("%s: %v", name, report.Findings)
			}
		}
		used := bench.Processor() - before
		if run > 0 {
			best = max(best, float64(times*len(raw))/1e6/used.Seconds())
		}
	}
	return best, nil
}

// rival is what Ajv does with records of one kind.
type rival struct {
	Name           string
	Records, Valid int
	Whole, Branch  float64
}

// byAjv runs Ajv in a process of its own.
func byAjv(ctx context.Context, modules, schema, data string) (map[string]rival, error) {
	if modules == "" {
		return nil, nil
	}
	file := filepath.Join(os.TempDir(), "pdx-bench-ajv.cjs")
	if err := os.WriteFile(file, script, 0o600); err != nil {
		return nil, err
	}
	defer os.Remove(file)
	args := []string{file, modules, schema}
	for _, kind := range kinds {
		args = append(args, filepath.Join(data, "synthea", kind+".ndjson"))
	}
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("ajv: %w", err)
	}
	found := map[string]rival{}
	for line := range bytes.Lines(out) {
		var r rival
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, err
		}
		if r.Valid != r.Records {
			return nil, errors.New("ajv refuses records of " + r.Name)
		}
		found[r.Name] = r
	}
	return found, nil
}
