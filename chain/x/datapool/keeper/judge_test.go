package keeper_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/binary"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/exchange/seal"
)

// judge says whether a segment or a box opens, by the specification alone: over
// another group library and the standard library's HKDF, with the seller's secret
// instead of evidence.
type judge struct {
	s          *scalar.Scalar
	ds         pdx.Dataset
	ciphertext []byte
}

func keyOf(t testing.TB, seed, nonce [32]byte) *seal.Key {
	t.Helper()
	master, err := seal.SeedFromBytes(seed[:])
	require.NoError(t, err)
	key, err := master.Dataset(nonce)
	require.NoError(t, err)
	return key
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newJudge(seed, nonce [32]byte, sealed datapooltest.Sealed) judge {
	wide := must(hkdf.Key(sha512.New, seed[:], nonce[:], "fx1/dataset-scalar", 64))
	return judge{s: must(scalar.NewFromBytesModOrderWide(wide)), ds: sealed.Dataset, ciphertext: sealed.Ciphertext}
}

func frame(label string, v []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(label)))
	b = binary.LittleEndian.AppendUint64(append(b, label...), uint64(len(v)))
	return append(b, v...)
}

// shared is s times the point that the label and the parts hash to.
func (j judge) shared(label string, parts ...[]byte) []byte {
	b := append(frame("suite", []byte("fx1-CMPT-with-ristretto255-SHA512")), frame("h2g", []byte(label))...)
	for _, p := range append([][]byte{j.ds.Key[:], j.ds.Nonce[:]}, parts...) {
		b = append(b, frame("part", p)...)
	}
	digest := sha512.Sum512(b)
	h := must(curve.NewRistrettoPoint().SetUniformBytes(digest[:]))
	return must(curve.NewRistrettoPoint().Mul(h, j.s).MarshalBinary())
}

func (j judge) expand(element []byte, use string, tail []byte, n int) []byte {
	prk := must(hkdf.Extract(sha512.New, element, []byte("fx1/extract")))
	binding := append(append(append([]byte{}, j.ds.Key[:]...), j.ds.Nonce[:]...), tail...)
	info := append([]byte("fx1/"+use+"+"+string(j.ds.AEAD)+"\x00"), binding...)
	return must(hkdf.Expand(sha512.New, prk, string(info), n))
}

func (j judge) aead(key []byte) cipher.AEAD {
	if j.ds.AEAD == pdx.ChaCha20Poly1305 {
		return must(chacha20poly1305.New(key))
	}
	return must(cipher.NewGCM(must(aes.NewCipher(key))))
}

// opens reports whether segment i of the ciphertext decrypts.
func (j judge) opens(i uint64) bool {
	block := binary.LittleEndian.AppendUint64(nil, i/16)
	okm := j.expand(j.shared("block-base", block), "block", block, 44)
	nonce := okm[32:]
	for k, b := range binary.BigEndian.AppendUint64(nil, i) {
		nonce[4+k] ^= b
	}
	segment := j.ciphertext[i*65_536 : min((i+1)*65_536, uint64(len(j.ciphertext)))]
	_, err := j.aead(okm[:32]).Open(nil, nonce, segment, nil)
	return err == nil
}

// boxOpens reports whether the box has the dataset's scalar and the commitment is
// that of its key.
func (j judge) boxOpens() bool {
	okm := j.expand(j.shared("dataset-base"), "dataset", nil, 108)
	opened, err := j.aead(okm[:32]).Open(nil, okm[32:44], j.ds.Box[:], nil)
	want := make([]byte, 32)
	if err := j.s.ToBytes(want); err != nil {
		panic(err)
	}
	return err == nil && bytes.Equal(opened, want) && bytes.Equal(okm[44:76], j.ds.KeyCommit[:])
}
