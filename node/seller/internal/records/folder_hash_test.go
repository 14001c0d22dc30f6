package records

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx/exchange/folder"
)

// The hash of a stream is the same in whatever pieces it comes, and that of the
// files one by one; one byte less, more or other is another hash.
func TestFolderHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var files []folder.File
		var texts [][]byte
		for i := range rapid.IntRange(1, 5).Draw(t, "files") {
			texts = append(texts, rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "text"))
			files = append(files, folder.File{Path: fmt.Sprint(i), Size: uint64(len(texts[i]))})
		}
		m, err := folder.New(files)
		require.NoError(t, err)
		sums, stream := newSums(m), append([]byte{}, m.Bytes()...)
		for _, text := range texts {
			sums.add(blake3.Sum256(text))
			stream = append(stream, text...)
		}
		want := sums.sum()
		hash := func(stream []byte) [32]byte {
			counter := newHashCounter(m)
			for len(stream) > 0 {
				n := rapid.IntRange(1, len(stream)).Draw(t, "piece")
				_, err := counter.Write(stream[:n])
				require.NoError(t, err)
				stream = stream[n:]
			}
			return [32]byte(counter.Sum(nil))
		}
		require.Equal(t, want, hash(stream))
		require.NotEqual(t, want, hash(append(append([]byte{}, stream...), 0)))
		require.NotEqual(t, want, hash(stream[:len(stream)-1]))
		stream[rapid.IntRange(0, len(stream)-1).Draw(t, "at")] ^= 1
		require.NotEqual(t, want, hash(stream))
	})
}
