// Command counts prints figures by which two commits can be compared: how much
// code there is, and how often a mechanism that should exist once is written.
//
//	counts [-dir FOLDER] [-v]
//
// Every figure is taken from the source of the folder, which may be a worktree
// of any commit. It covers the product: Go files that are neither tests nor
// generated, outside integration, tools, testdata and helpers of tests (folders
// whose name ends in "test").
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
)

// A figure is the number of occurrences that find returns, a line of text for each.
type figure struct {
	name, rule string
	find       func([]file) []string
}

var figures = []figure{
	{"server life cycles", "packages that call SetStreamHandler and do not wrap a host that has it", lifeCycles},
	{"frame codecs", "packages with streams that read or write length prefixes (uvarint, pbio, protodelim, msgio)", frameCodecs},
	{"limiters", "packages that make a rate.Limiter, of x/time or of libp2p, or have a bucket of their own", limiters},
	{`"tells whether"`, "comments that contain it", tellsWhether},
	{"retired names", "types, fields, functions and packages that have a retired name", retiredNames},
	{"large packages", "packages of more than 30 files, without the keeper and cmd/pdx", largePackages},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("counts: ")
	dir := flag.String("dir", ".", "count in `FOLDER`")
	verbose := flag.Bool("v", false, "list what is counted")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("unknown argument %q: pass -dir FOLDER to count elsewhere", flag.Arg(0))
	}
	files, err := read(os.DirFS(*dir))
	if err != nil {
		log.Fatalf("%s: %v", *dir, err)
	}
	report(os.Stdout, files, *verbose)
}

func report(w io.Writer, files []file, verbose bool) {
	lines, code := size(files)
	fmt.Fprintf(w, "%-20s %6d  of %d files, without blank lines and comments\n", "lines of code", code, len(files))
	fmt.Fprintf(w, "%-20s %6d  with them\n", "lines", lines)
	for _, f := range figures {
		found := f.find(files)
		fmt.Fprintf(w, "%-20s %6d  %s\n", f.name, len(found), f.rule)
		if !verbose {
			continue
		}
		for _, occurrence := range found {
			fmt.Fprintf(w, "%-20s         %s\n", "", occurrence)
		}
	}
}
