package bench_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/integration/bench"
)

// plainLen is of what is sealed: two blocks and a bit, so that everything is met.
const plainLen = 2*seal.BlockSegments*seal.PlainSegment + 100

// BenchmarkCiphers measures sealing and opening of a stream, its commitment and
// keys included, by AES-256-GCM alone over as many segments.
func BenchmarkCiphers(b *testing.B) {
	oneProcessor(b)
	table := bench.Table{
		Name: "ciphers", Title: "Sealing and opening of 2 MiB, beside AES-256-GCM alone",
		Columns: []string{"× AES-256-GCM", "µs"},
	}
	plain := bytes.Repeat([]byte("plaintext"), plainLen/9+1)[:plainLen]
	subjects := []bench.Subject{{Name: "AES-256-GCM, segment by segment", Op: rawSeal(b, plain)}}
	for _, aead := range []pdx.AEAD{pdx.AES256GCM, pdx.ChaCha20Poly1305} {
		subjects = append(subjects, sealing(b, plain, aead), opening(b, plain, aead))
	}
	table.Compare(subjects...)
	table.Note("Both ways compute the keyed BLAKE3 commitment to the plaintext beside the cipher.")
	require.NoError(b, table.Report())
}

func rawSeal(b *testing.B, plain []byte) func() {
	block, err := aes.NewCipher(make([]byte, 32))
	require.NoError(b, err)
	aead, err := cipher.NewGCM(block)
	require.NoError(b, err)
	out, nonce := make([]byte, 0, seal.SegmentSize), make([]byte, aead.NonceSize())
	return func() {
		for rest := plain; len(rest) > 0; rest = rest[min(len(rest), seal.PlainSegment):] {
			out = aead.Seal(out[:0], nonce, rest[:min(len(rest), seal.PlainSegment)], nil)
		}
	}
}

// sealing takes a new key each time, since a key seals once.
func sealing(b *testing.B, plain []byte, aead pdx.AEAD) bench.Subject {
	seed := seal.NewSeed()
	return bench.Subject{Name: "seal " + string(aead), Op: func() {
		key, err := seed.Dataset(seal.NewNonce())
		must(b, err)
		_, err = key.Seal(io.Discard, bytes.NewReader(plain), aead)
		must(b, err)
	}}
}

func opening(b *testing.B, plain []byte, aead pdx.AEAD) bench.Subject {
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	require.NoError(b, err)
	var ciphertext bytes.Buffer
	facts, err := key.Seal(&ciphertext, bytes.NewReader(plain), aead)
	require.NoError(b, err)
	ds := pdx.Dataset{
		Size: facts.Size, Key: key.Public(), Nonce: key.Nonce(), AEAD: aead,
		Box: facts.Box, KeyCommit: facts.KeyCommit, Commitment: facts.Commitment,
	}
	return bench.Subject{Name: "open " + string(aead), Op: func() {
		opened, err := seal.OpenDataset(key.Opening(), ds)
		must(b, err)
		must(b, opened.Open(io.Discard, bytes.NewReader(ciphertext.Bytes()), ds))
	}}
}
