package sidecar

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/strict"
	stream "github.com/medibloc/pdx/exchange/folder"
)

// The rules that a description can break.
const (
	RuleNone    = "sidecar/none"    // the folder has no description
	RuleEntry   = "sidecar/entry"   // a record lacks its path, size or digest
	RuleMissing = "sidecar/missing" // a record of a file that is not there
	RuleTwice   = "sidecar/twice"   // two records of a file
	RuleSize    = "sidecar/size"    // a record with another size than its file
	RuleExtra   = "sidecar/extra"   // a file without a record
	RuleDigest  = "sidecar/digest"  // a file with another content than its record says
	RuleKind    = "sidecar/type"    // a file of another kind than its record says
)

// list compares records with files. It has a few bytes for each file, however many records
// there are.
type list struct {
	files  []stream.File
	number map[string]int
	facts  []facts
	next   int // file to compare
	// unread: a record has a defect, and may be that of any file that seems to have none.
	unread bool
}

// facts are what a record says of a file, and what the file is.
type facts struct {
	listed          bool
	says, is        [32]byte
	saysKind, found string
}

func newList(files []stream.File) *list {
	l := &list{files: files, number: make(map[string]int, len(files)), facts: make([]facts, len(files))}
	for i, f := range files {
		l.number[f.Path] = i
	}
	return l
}

// found notes what a file is; kind "" is not known.
func (l *list) found(number int, digest [32]byte, kind string) {
	l.facts[number].is, l.facts[number].found = digest, kind
}

// take notes a record. What is no JSON object is left to who judges records.
func (l *list) take(raw []byte) *format.Defect {
	tree, err := strict.Parse(raw)
	if err != nil || tree.Root().Kind() != '{' {
		l.unread = true
		return nil //nolint:nilerr // the check says what is wrong with it
	}
	defect := l.takeRecord(tree.Root())
	l.unread = l.unread || defect != nil
	return defect
}

func (l *list) takeRecord(record strict.Value) *format.Defect {
	path, fine := member(record, "path", '"')
	digest, err := hex.DecodeString(first(member(record, "blake3", '"')))
	size, failed := strconv.ParseUint(first(member(record, "size", '0')), 10, 64)
	if !fine || err != nil || len(digest) != 32 || failed != nil {
		return wrong(RuleEntry, "a record needs the path of its file, its size in bytes, and its blake3 digest in 64 hexadecimal digits")
	}
	i, there := l.number[path]
	switch {
	case !there || path == Name:
		return wrong(RuleMissing, "%q is listed, and not in the folder", path)
	case l.facts[i].listed:
		return wrong(RuleTwice, "%q is listed twice", path)
	case l.files[i].Size != size:
		return wrong(RuleSize, "%q has %d bytes, and the list says %d", path, l.files[i].Size, size)
	}
	l.facts[i].listed, l.facts[i].says = true, [32]byte(digest)
	l.facts[i].saysKind = knownKind(first(member(record, "type", '"')))
	if _, has := record.Member("type"); has && l.facts[i].saysKind == "" {
		return wrong(RuleKind, "%q has a type that no file has by its content: leave it out, or write it with `pdx data sidecar`", path)
	}
	return nil
}

// compare returns the next file that is not as its record says, nil after the last.
func (l *list) compare() *format.Defect {
	for l.next < len(l.files) {
		path, f := l.files[l.next].Path, l.facts[l.next]
		l.next++
		switch {
		case path == Name:
		case !f.listed && l.unread:
		case !f.listed:
			return ofFile(RuleExtra, "%q is in the folder, and not listed", path)
		case f.says != f.is:
			return ofFile(RuleDigest, "%q is another file than the list says: its digest differs", path)
		case f.saysKind != "" && f.found != "" && f.saysKind != f.found:
			return ofFile(RuleKind, "%q is %s by its content, and the list says %s", path, f.found, f.saysKind)
		}
	}
	return nil
}

// member is the text of a member of a kind: '"' for strings, '0' for numbers.
func member(record strict.Value, name string, kind byte) (string, bool) {
	v, has := record.Member(name)
	if !has {
		return "", false
	}
	switch is := v.Kind(); {
	case is == '"' && kind == '"':
		return string(v.Text()), true
	case (is == '-' || is >= '0' && is <= '9') && kind == '0':
		return string(v.Raw()), true
	}
	return "", false
}

func first(s string, _ bool) string { return s }

// knownKind is a kind that format.Kind gives, in memory that all files share.
func knownKind(name string) string {
	for _, kind := range format.Kinds() {
		if kind == name {
			return kind
		}
	}
	return ""
}

func wrong(rule, says string, args ...any) *format.Defect {
	defect := ofFile(rule, says, args...)
	defect.Record = true
	return defect
}

func ofFile(rule, says string, args ...any) *format.Defect {
	return &format.Defect{Rule: rule, Reason: fmt.Sprintf(says, args...)}
}

func dataError(defect *format.Defect) error {
	return fmt.Errorf("%w: %w (%s, which `pdx data sidecar` writes anew)", format.ErrData, defect, Name)
}

func lineError(line int, defect *format.Defect) error {
	return fmt.Errorf("%w: line %d: %w (%s, which `pdx data sidecar` writes anew)", format.ErrData, line, defect, Name)
}
