package proof_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/proof"
)

// hexBytes is a byte string written in hexadecimal.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	*h = b
	return err
}

func (h hexBytes) array() [32]byte { return [32]byte(h) }

// header has the fields of every vector. exchange/attest checks the context hashes.
type header struct {
	Name    string
	Valid   bool
	Context hexBytes `json:"context_hash"`
	Proof   hexBytes
}

type deliverVector struct {
	header
	S, Nonce, B, D1, D2 hexBytes
}

type openingVector struct {
	header
	S, Nonce, M hexBytes
}

type complaintVector struct {
	header
	S, Nonce hexBytes
	Block    uint64
	MJ       hexBytes `json:"M_j"`
}

type blocksVector struct {
	header
	S, Nonce hexBytes
	Blocks   uint64
	Indices  []uint64
	M        []hexBytes
}

type openVector struct {
	header
	B, D1, D2, M hexBytes
}

type popVector struct {
	header
	X hexBytes
}

// verdicts returns what the package and the second verifier find about a vector.
type verdicts interface {
	head() header
	verify() error
	second() bool
}

func (h header) head() header { return h }

func (v deliverVector) verify() error {
	return proof.VerifyDeliver(v.Context.array(), v.S.array(), v.Nonce.array(), v.B.array(), v.D1.array(), v.D2.array(), v.Proof)
}

func (v deliverVector) second() bool {
	return secondDeliver(v.Context, v.S, v.Nonce, v.B, v.D1, v.D2, v.Proof)
}

func (v openingVector) verify() error {
	return proof.VerifyOpening(v.Context.array(), v.S.array(), v.Nonce.array(), v.M.array(), v.Proof)
}

func (v openingVector) second() bool { return secondOpening(v.Context, v.S, v.Nonce, v.M, v.Proof) }

func (v complaintVector) verify() error {
	return proof.VerifyComplaint(v.Context.array(), v.S.array(), v.Nonce.array(), v.Block, v.MJ.array(), v.Proof)
}

func (v complaintVector) second() bool {
	return secondComplaint(v.Context, v.S, v.Nonce, v.Block, v.MJ, v.Proof)
}

func (v blocksVector) verify() error {
	var ms []pdx.Element
	for _, m := range v.M {
		ms = append(ms, m.array())
	}
	return proof.VerifyBlocks(v.Context.array(), v.S.array(), v.Nonce.array(), v.Blocks, v.Indices, ms, v.Proof)
}

func (v blocksVector) second() bool {
	var ms [][]byte
	for _, m := range v.M {
		ms = append(ms, m)
	}
	return secondBlocks(v.Context, v.S, v.Nonce, v.Blocks, v.Indices, ms, v.Proof)
}

func (v openVector) verify() error {
	return proof.VerifyOpen(v.Context.array(), v.B.array(), v.D1.array(), v.D2.array(), v.M.array(), v.Proof)
}

func (v openVector) second() bool { return secondOpen(v.Context, v.B, v.D1, v.D2, v.M, v.Proof) }

func (v popVector) verify() error { return proof.VerifyPop(v.Context.array(), v.X.array(), v.Proof) }

func (v popVector) second() bool { return secondPop(v.Context, v.X, v.Proof) }

func TestVectors(t *testing.T) {
	runVectors[deliverVector](t, "deliver-v1")
	runVectors[openingVector](t, "dleq-v1-opening")
	runVectors[complaintVector](t, "dleq-v1-complaint")
	runVectors[blocksVector](t, "dleq-v1-blocks")
	runVectors[openVector](t, "open-v1-complaint")
	runVectors[popVector](t, "pop-v1")
}

func runVectors[V verdicts](t *testing.T, file string) {
	vectors := load[V](t, file)
	valid := 0
	for i, v := range vectors {
		t.Run(fmt.Sprintf("%s/%d %s", file, i, v.head().Name), func(t *testing.T) {
			err := v.verify()
			if v.head().Valid {
				valid++
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, proof.ErrProof)
				require.ErrorIs(t, err, pdx.ErrRefused)
			}
			require.Equal(t, v.head().Valid, v.second(), "second verifier")
		})
	}
	require.Positive(t, valid, "%s accepts nothing", file)
	require.Less(t, valid, len(vectors), "%s refuses nothing", file)
}

func load[V any](t testing.TB, file string) []V {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file + ".json")
	require.NoError(t, err)
	var vectors []V
	require.NoError(t, json.Unmarshal(raw, &vectors))
	return vectors
}
