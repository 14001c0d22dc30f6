package proof

import (
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// prove makes a proof and verifies it: a wrong proof, from a fault of the machine or a
// mistake of the caller, could reveal a witness.
func (st statement) prove(random io.Reader, witnesses ...group.Scalar) ([]byte, error) {
	nonces, err := st.nonces(random, witnesses)
	if err != nil {
		return nil, err
	}
	commitments := make([]pdx.Element, len(st.relation.equations))
	for i, eq := range st.relation.equations {
		commitments[i] = group.Sum(st.operands(eq.terms, nonces))
	}
	c := st.challenge(commitments)
	proof := appendScalar(make([]byte, 0, st.relation.proofLen()), c)
	for i, w := range witnesses {
		proof = appendScalar(proof, nonces[i].Add(c.Mul(w)))
	}
	if err := st.verify(proof); err != nil {
		return nil, fmt.Errorf("check own proof: %w", err)
	}
	return proof, nil
}

// nonces returns a nonce for each witness. Nonces are secret as long as the randomness
// or the witnesses are secret, and differ between statements even if the randomness
// repeats.
func (st statement) nonces(random io.Reader, witnesses []group.Scalar) ([]group.Scalar, error) {
	var entropy [64]byte
	if _, err := io.ReadFull(random, entropy[:]); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	transcript := st.transcript()
	nonces := make([]group.Scalar, len(witnesses))
	for i, w := range witnesses {
		secret := w.Bytes()
		b := group.Frame(nil, "nonce", binary.LittleEndian.AppendUint32(nil, uint32(i)))
		b = group.Frame(b, "entropy", entropy[:])
		b = group.Frame(b, "witness", secret[:])
		b = group.Frame(b, "statement", transcript)
		nonces[i] = group.ReduceScalar(sha512.Sum512(b))
	}
	return nonces, nil
}

func appendScalar(dst []byte, s group.Scalar) []byte {
	b := s.Bytes()
	return append(dst, b[:]...)
}
