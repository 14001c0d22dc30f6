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
func (n *names) add(path string) *twin {
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
			return &twin{strings.Join(elements[:i+1], "/"), above, isFolder != (i < last)}
		}
		n.isFolder[above] = i < last
		if i < last {
			n.way, n.keys = append(n.way, elements[i]), append(n.keys, above)
		}
	}
	return nil
}

// twin is a path that some system does not distinguish from an earlier one.
type twin struct {
	path  string
	key   key
	mixed bool // one of them is a file and the other a folder
}

// among is the error in words, with the earlier path, which is that of one of the files
// or of a folder around one.
func (t *twin) among(files []File) error {
	for _, f := range files {
		var k key
		elements := strings.Split(f.Path, "/")
		for i, element := range elements {
			if k = k.below(element); k == t.key {
				return t.with(strings.Join(elements[:i+1], "/"))
			}
		}
	}
	return t.with(t.path)
}

func (t *twin) with(other string) error {
	switch {
	case t.mixed && other == t.path:
		return fmt.Errorf("%w: %q is a file and a folder", ErrPath, t.path)
	case t.mixed:
		return fmt.Errorf("%w: of %q and %q, which some systems do not distinguish, one is a folder: rename one", ErrPath, other, t.path)
	case other == t.path:
		return fmt.Errorf("%w: %q occurs twice", ErrPath, t.path)
	}
	return fmt.Errorf("%w: some systems do not distinguish %q and %q: rename one", ErrPath, other, t.path)
}
