package seller

import (
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/exchange/folder"
)

// sums hash a folder out of the hashes of its files, which are known before the
// stream is: the manifest, which comes first, needs the sizes of all.
type sums struct{ total *blake3.Hasher }

func newSums(m *folder.Manifest) sums {
	s := sums{blake3.New()}
	s.add(blake3.Sum256(m.Bytes()))
	return s
}

func (s sums) add(sum [32]byte) { _, _ = s.total.Write(sum[:]) }
func (s sums) sum() [32]byte    { return [32]byte(s.total.Sum(nil)) }

// tally takes the stream of a folder and comes to the same hash as sums.
type tally struct {
	total, part *blake3.Hasher
	left        []uint64 // bytes to come: of the present part, and of those behind it
}

func newTally(m *folder.Manifest) *tally {
	left := []uint64{uint64(len(m.Bytes()))}
	for _, f := range m.Files() {
		left = append(left, f.Size)
	}
	return &tally{total: blake3.New(), part: blake3.New(), left: left}
}

// Write implements io.Writer.
func (t *tally) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		t.settle()
		if len(t.left) == 0 {
			_, _ = t.total.Write(rest) // more than there is: the hash becomes another
			break
		}
		n := min(uint64(len(rest)), t.left[0])
		_, _ = t.part.Write(rest[:n])
		rest, t.left[0] = rest[n:], t.left[0]-n
	}
	return len(p), nil
}

// settle closes the parts that are complete.
func (t *tally) settle() {
	for len(t.left) > 0 && t.left[0] == 0 {
		_, _ = t.total.Write(t.part.Sum(nil))
		t.part.Reset()
		t.left = t.left[1:]
	}
}

// Sum appends the hash. That of a stream which is too short or too long is another
// than sums has.
func (t *tally) Sum(b []byte) []byte {
	t.settle()
	return t.total.Sum(b)
}
