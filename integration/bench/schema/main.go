// Schema measures how fast records are checked: by FHIR R4's whole schema and by a flat one,
// beside Ajv 8 from npm and beside encoding/csv, on one core and over the same records; and
// then on two, through a child process, and over a stream of any size.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/jail"
)

// megabytes is how many MB each measurement checks at least; rounds is how often each is
// taken, one side after the other. The best counts: what else runs only slows it down.
const (
	megabytes = 8
	rounds    = 6
)

func main() {
	jail.Main(criteria.Formats()) // a child does nothing else
	modules := flag.String("modules", "", "node_modules with ajv and ajv-formats; empty: without Ajv")
	data := flag.String("data", "../shared/data", "folder with schema/fhir-r4.schema.json and synthea/")
	gibibytes := flag.Int("stream", 1, "GiB of the stream whose check's memory is measured; 0: none")
	flag.Parse()
	if err := measure(context.Background(), *modules, *data, *gibibytes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, modules, data string, gibibytes int) error {
	dir, err := os.MkdirTemp("", "pdx-bench-schema")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rival, err := startAjv(ctx, modules, dir)
	if err != nil {
		return err
	}
	err = beside(ctx, rival, data, dir)
	rival.close()
	if err != nil {
		return err
	}
	if err := measureCores(ctx); err != nil {
		return err
	}
	if gibibytes == 0 {
		return nil
	}
	return measureStream(ctx, int64(gibibytes)<<30)
}

// beside measures what Ajv measures, too.
func beside(ctx context.Context, rival *ajv, data, dir string) error {
	if err := measureFHIR(ctx, rival, filepath.Join(data, "schema", "fhir-r4.schema.json"), filepath.Join(data, "synthea")); err != nil {
		return err
	}
	return measureTables(ctx, rival, dir)
}

// best takes each measurement in turn, rounds times, and keeps the best of each.
func best(measures ...func() (float64, error)) ([]float64, error) {
	found := make([]float64, len(measures))
	for range rounds {
		for i, m := range measures {
			rate, err := m()
			if err != nil {
				return nil, err
			}
			found[i] = max(found[i], rate)
		}
	}
	return found, nil
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
