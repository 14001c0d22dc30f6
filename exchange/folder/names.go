package folder

import (
	"fmt"
	"strings"

	"github.com/zeebo/blake3"
)

// key stands for a path as far as some system tells it from others: a hash of the
// fold of its last name and of the key above. Folds themselves would take a
// thousand bytes for each folder that a hostile manifest names.
type key [16]byte

func (above key) below(name string) (k key) {
	sum := blake3.Sum256(append(above[:], fold(name)...))
	copy(k[:], sum[:])
	return k
}

// names are what has been taken: files, and the folders on the way to them.
type names struct {
	isFolder map[key]bool
	way      []string // the folders of the last path
	keys     []key    // of way
}

func newNames() *names { return &names{isFolder: map[key]bool{}} }

// add takes a clean path, the next in the order of bytes, unless some system could
// not hold it beside the others. All paths in one folder follow each other in that
// order; so whatever is not on the way of the last path must be new.
func (n *names) add(path string) error {
	elements := strings.Split(path, "/")
	last := len(elements) - 1
	same := 0
	for same < min(len(n.way), last) && n.way[same] == elements[same] {
		same++
	}
	n.way, n.keys = n.way[:same], n.keys[:same]
	var above key
	if same > 0 {
		above = n.keys[same-1]
	}
	for i := same; i <= last; i++ {
		above = above.below(elements[i])
		if isFolder, taken := n.isFolder[above]; taken {
			return n.conflict(strings.Join(elements[:i+1], "/"), isFolder, i < last)
		}
		n.isFolder[above] = i < last
		if i < last {
			n.way, n.keys = append(n.way, elements[i]), append(n.keys, above)
		}
	}
	return nil
}

func (n *names) conflict(path string, was, is bool) error {
	switch {
	case was != is:
		return fmt.Errorf("%w: %q is a file and a folder", ErrPath, path)
	case is:
		return fmt.Errorf("%w: the folder %q is there in two spellings, which some systems take for one", ErrPath, path)
	}
	return fmt.Errorf("%w: the file %q is there twice, or in two spellings, which some systems take for one", ErrPath, path)
}
