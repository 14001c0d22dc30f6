package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
)

// hexBytes is a byte string written in hexadecimal.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	*h = b
	return err
}

type segmentsVector struct {
	Master, Nonce hexBytes
	S, M          hexBytes
	Secret        hexBytes `json:"dataset_secret"`
	AEAD          pdx.AEAD
	Box, Blind    hexBytes
	KeyCommit     hexBytes `json:"key_commit"`
	PlaintextLen  int      `json:"plaintext_len"`
	PlaintextAdd  int      `json:"plaintext_add"`
	Commitment    hexBytes `json:"plaintext_commitment"`
	CiphertextLen uint64   `json:"ciphertext_len"`
	Head, Tail    hexBytes
	Root          hexBytes
	CID           hexBytes `json:"cid_bytes"`
}

func (v segmentsVector) plaintext() []byte {
	b := make([]byte, v.PlaintextLen)
	for k := range b {
		b[k] = byte(7*k + v.PlaintextAdd)
	}
	return b
}

func TestSegmentsVectors(t *testing.T) {
	for i, v := range load[segmentsVector](t, "segments") {
		t.Run(fmt.Sprintf("%d %s %d", i, v.AEAD, v.PlaintextLen), func(t *testing.T) {
			seed, err := SeedFromBytes(v.Master)
			require.NoError(t, err)
			key, err := seed.Dataset([32]byte(v.Nonce))
			require.NoError(t, err)
			requireBytes(t, v.Secret, key.secret.Bytes())
			requireBytes(t, v.S, key.Public())
			requireBytes(t, v.M, key.Opening())
			m, err := expandMaster(key.Opening(), v.AEAD, key.Public(), key.Nonce())
			require.NoError(t, err)
			requireBytes(t, v.Blind, m.commitSalt)

			var sealed bytes.Buffer
			facts, err := key.Seal(&sealed, bytes.NewReader(v.plaintext()), v.AEAD)
			require.NoError(t, err)
			requireFacts(t, v, facts, sealed.Bytes())
			requireOpens(t, v, facts, sealed.Bytes())
		})
	}
}

func requireFacts(t *testing.T, v segmentsVector, facts Facts, sealed []byte) {
	require.Equal(t, v.CiphertextLen, facts.Size)
	require.Equal(t, v.CiphertextLen, uint64(len(sealed)))
	require.Equal(t, v.CiphertextLen, CiphertextSize(uint64(v.PlaintextLen)))
	require.Equal(t, []byte(v.Box), facts.Box[:])
	requireBytes(t, v.KeyCommit, facts.KeyCommit)
	requireBytes(t, v.Commitment, facts.Commitment)
	end := min(32, len(sealed))
	require.Equal(t, []byte(v.Head), sealed[:end])
	require.Equal(t, []byte(v.Tail), sealed[len(sealed)-end:])
	root := blake3.Sum256(sealed)
	requireBytes(t, v.Root, root)
	require.Equal(t, []byte(v.CID), pdx.ContentID(root).Bytes())
}

func requireOpens(t *testing.T, v segmentsVector, facts Facts, sealed []byte) {
	ds := pdx.Dataset{
		Size: facts.Size, Key: pdx.Element(v.S), Nonce: [32]byte(v.Nonce), AEAD: v.AEAD,
		Box: facts.Box, KeyCommit: facts.KeyCommit, Commitment: facts.Commitment,
	}
	opened, err := OpenDataset(pdx.Element(v.M), ds)
	require.NoError(t, err)
	var plain bytes.Buffer
	require.NoError(t, opened.Open(&plain, bytes.NewReader(sealed), ds))
	require.True(t, bytes.Equal(v.plaintext(), plain.Bytes()))
}

func requireBytes(t *testing.T, want []byte, got [32]byte) {
	t.Helper()
	require.Equal(t, want, got[:])
}

func TestSizesVectors(t *testing.T) {
	for _, v := range load[struct {
		Size  uint64 `json:"ciphertext_len"`
		Valid bool
	}](t, "sizes") {
		require.Equal(t, v.Valid, ValidSize(v.Size), "%d bytes", v.Size)
	}
}

func load[V any](t testing.TB, file string) []V {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file + ".json")
	require.NoError(t, err)
	var vectors []V
	require.NoError(t, json.Unmarshal(raw, &vectors))
	require.NotEmpty(t, vectors)
	return vectors
}
