package group

import (
	"crypto/sha512"
	"encoding/binary"
	"hash"

	"github.com/gtank/ristretto255"
)

// Suite names this construction. The input of every hash of this package and of
// exchange/proof begins with it.
const Suite = "fx1-CMPT-with-ristretto255-SHA512"

// Frame appends LE32(len label) ‖ label ‖ LE64(len v) ‖ v to dst; lengths are in bytes.
func Frame(dst []byte, label string, v []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(label)))
	dst = append(dst, label...)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(v)))
	return append(dst, v...)
}

// HashToGroup maps the parts to an element whose discrete logarithm nobody knows. It
// returns ErrIdentity if the parts hash to the identity, which has a probability of
// about 2^-252.
func HashToGroup(label string, parts ...[]byte) (Point, error) {
	sum := wide(newHash("h2g", label, parts))
	e := ristretto255.NewIdentityElement()
	_, _ = e.SetUniformBytes(sum[:]) // fails for other lengths only
	return newPoint(e)
}

// HashToScalar maps the parts to a scalar, which is 0 with a probability of about
// 2^-252.
func HashToScalar(label string, parts ...[]byte) Scalar {
	return ReduceScalar(wide(newHash("h2s", label, parts)))
}

// HashToScalars returns n scalars: the i-th, from 0, is HashToScalar(label, parts…,
// BE64(i)). The parts are hashed once, however large n is. The error is nil unless
// SHA-512 cannot be cloned, as it can in the standard library.
func HashToScalars(label string, n int, parts ...[]byte) ([]Scalar, error) {
	prefix, ok := newHash("h2s", label, parts).(hash.Cloner)
	if !ok {
		return nil, errNoClone
	}
	scalars := make([]Scalar, n)
	for i := range scalars {
		h, err := prefix.Clone()
		if err != nil {
			return nil, err
		}
		h.Write(Frame(nil, "part", binary.BigEndian.AppendUint64(nil, uint64(i))))
		scalars[i] = ReduceScalar(wide(h))
	}
	return scalars, nil
}

// newHash returns a SHA-512 to which suite, purpose, label and parts have been written.
func newHash(purpose, label string, parts [][]byte) hash.Hash {
	h := sha512.New()
	h.Write(Frame(nil, "suite", []byte(Suite)))
	h.Write(Frame(nil, purpose, []byte(label)))
	for _, p := range parts {
		h.Write(Frame(nil, "part", p))
	}
	return h
}

func wide(h hash.Hash) [64]byte { return [64]byte(h.Sum(nil)) }
