// Command testcount reads what `go test -json` wrote and prints one closing
// line, "N passed, N failed, N skipped". It exits with 1 when a test failed or
// none ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: testcount FILE, a file written by go test -json")
	}
	count, err := read(os.Args[1])
	if err != nil {
		log.Fatalf("testcount: %v", err)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", count["pass"], count["fail"], count["skip"])
	if count["fail"] > 0 || count["pass"] == 0 {
		os.Exit(1)
	}
}

// read counts the tests of a file by how they ended. A package that fails
// without a failing test (it did not build, say) counts as one.
func read(name string) (map[string]int, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	count := map[string]int{}
	failed := map[string]bool{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var event struct{ Action, Package, Test string }
		if json.Unmarshal(lines.Bytes(), &event) != nil {
			continue // build output stands between the events
		}
		switch {
		case event.Test != "":
			count[event.Action]++
			failed[event.Package] = failed[event.Package] || event.Action == "fail"
		case event.Action == "fail" && !failed[event.Package]:
			count["fail"]++
		}
	}
	return count, lines.Err()
}
