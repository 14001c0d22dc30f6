package folder

import (
	"fmt"
	"strings"

	"github.com/zeebo/blake3"
)

// key identifies a path up to differences that some systems ignore: a hash of the fold of its
// last element and of the parent's key. Folds themselves would take a thousand bytes for each
// folder that a hostile manifest names.
type key [16]byte

func (above key) below(name string) (k key) {
	sum := blake3.Sum256(append(above[:], fold(name)...))
	copy(k[:], sum[:])
	return k
}

// names holds the paths so far: files and their parent folders.
type names struct {
	isFolder map[key]bool
	way      []string // the folders of the last path
	keys     []key    // of way
}

func newNames() *names { return &names{isFolder: map[key]bool{}} }

// add adds a clean path, the next in byte order, and refuses one that some system does not
// distinguish from the others. All paths of one folder are adjacent in that order, so a folder
// that is not a parent of the last path must be new.
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
		return fmt.Errorf("%w: the folder %q occurs in two spellings that some systems do not distinguish", ErrPath, path)
	}
	return fmt.Errorf("%w: the file %q occurs twice, or in two spellings that some systems do not distinguish", ErrPath, path)
}
