package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// figures are the columns of a table that are compared, and benchstat's unit of
// each; benchstat knows by the unit's name whether more is better.
var figures = map[string]map[string]string{
	"transfer-loopback": {"MB/s": "MB/s"},
	"transfer-many":     {"s": "s/op"},
	"transfer-hostile":  {"MB/s": "MB/s"},
}

// readTables turns the tables of integration/bench in a folder into lines of Go's
// benchmark format.
func readTables(folder string) ([]byte, error) {
	var lines bytes.Buffer
	for name, columns := range figures {
		raw, err := os.ReadFile(filepath.Join(folder, name+".json"))
		if err != nil {
			return nil, err
		}
		if err := writeTable(&lines, name, raw, columns); err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
	}
	return lines.Bytes(), nil
}

func writeTable(lines *bytes.Buffer, name string, raw []byte, columns map[string]string) error {
	var table struct {
		Columns []string
		Rows    []struct {
			Name   string
			Values []float64
		}
	}
	if err := json.Unmarshal(raw, &table); err != nil {
		return err
	}
	before := lines.Len()
	for _, row := range table.Rows {
		for i, column := range table.Columns {
			if unit := columns[column]; unit != "" && i < len(row.Values) {
				fmt.Fprintf(lines, "Benchmark%s/%s 1 %g %s\n", title(name), strings.ReplaceAll(row.Name, " ", "_"), row.Values[i], unit)
			}
		}
	}
	if lines.Len() == before {
		return fmt.Errorf("it has none of the columns that are compared: %q", table.Columns)
	}
	return nil
}

// title makes a name of a benchmark: transfer-many becomes TransferMany.
func title(name string) (joined string) {
	for part := range strings.SplitSeq(name, "-") {
		joined += strings.ToUpper(part[:1]) + part[1:]
	}
	return joined
}
