package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// A file is a parsed source file of the product.
type file struct {
	path   string // below the folder that was read, with slashes
	source []byte
	set    *token.FileSet
	tree   *ast.File
}

// pkg is the folder that the file lies in.
func (f file) pkg() string { return path.Dir(f.path) }

// at names a position in the file.
func (f file) at(pos token.Pos, what string) string {
	return fmt.Sprintf("%s:%d: %s", f.path, f.set.Position(pos).Line, what)
}

// read parses the product's files below a folder.
func read(root fs.FS) (files []file, err error) {
	err = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skipped(name):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, name, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if !ast.IsGenerated(tree) {
			files = append(files, file{path: name, source: source, set: set, tree: tree})
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = errors.New("no Go files of the product: pass the root of a clone by -dir")
	}
	return files, err
}

// skipped reports whether a folder does not belong to the product.
func skipped(name string) bool {
	base := path.Base(name)
	return name != "." && (base == "integration" || base == "tools" || base == "testdata" || base == "vendor" ||
		strings.HasPrefix(base, ".") || strings.HasSuffix(base, "test"))
}

// size returns the lines of all files, and those that hold code.
func size(files []file) (lines, code int) {
	for _, f := range files {
		lines += bytes.Count(f.source, []byte("\n"))
		code += linesOfCode(f.source)
	}
	return lines, code
}

// linesOfCode counts the lines that hold a token or a part of one.
func linesOfCode(source []byte) int {
	set := token.NewFileSet()
	of := set.AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(of, source, nil, 0)
	count, last := 0, 0
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return count
		}
		first := of.Line(pos)
		if tok == token.SEMICOLON && text == "\n" {
			continue // inserted by the scanner
		}
		end := first + strings.Count(text, "\n")
		count += end - max(first-1, last)
		last = end
	}
}
