package proof_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// proofs returns how many proofs to make: the number that make agree sets, or fewer for
// a quick test.
func proofs(t *testing.T) int {
	text := os.Getenv("PDX_PROOFS")
	if text == "" {
		return 3_000
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "PDX_PROOFS")
	return n
}

// spoiled makes a random proof, changes it at random, and tests it with both verifiers.
// It returns what was changed and whether the proof is valid.
func spoiled(t testing.TB, d dice) (what string, holds bool) {
	s := newSecrets(d())
	if d.pick(4) == 0 {
		kind := d.pick(len(rogues))
		m, broken := rogues[kind](d, s.ctx[:], s.nonce[:])
		what = fmt.Sprintf("%s by the second prover: %s", relations[kind].name, broken)
		return what, m.test(t, broken != "", what)
	}
	relation, spoil := relations[d.pick(len(relations))], spoils[d.pick(len(spoils))]
	m := relation.make(t, d, s)
	before := m.bytes()
	spoil.do(d, m.spoilable)
	what = relation.name + ": " + spoil.name
	return what, m.test(t, !bytes.Equal(before, m.bytes()), what)
}

// TestBothVerifiersAgree makes proofs of every relation, changes them in every way, and
// expects both verifiers to return the right verdict.
func TestBothVerifiersAgree(t *testing.T) {
	n, seed := proofs(t), uint64(1)
	random := rand.New(rand.NewPCG(seed, seed))
	done, held := map[string]int{}, 0
	for range n {
		what, holds := spoiled(t, random.Uint64)
		done[what]++
		if holds {
			held++
		}
	}
	for _, relation := range relations {
		for _, spoil := range spoils {
			require.Positive(t, done[relation.name+": "+spoil.name], "%s: %s never happened", relation.name, spoil.name)
		}
	}
	require.Positive(t, held)
	t.Logf("%d proofs, of which %d hold; %d ways", n, held, len(done))
}

// FuzzSpoiledProofs does the same with the fuzzer's bytes as the source of choices.
func FuzzSpoiledProofs(f *testing.F) {
	for relation := range relations {
		for spoil := range spoils {
			f.Add([]byte{7, 1, byte(relation), byte(spoil), 3, 1, 4, 1, 5})
		}
	}
	for rogue := range rogues {
		for how := range 5 {
			f.Add([]byte{7, 0, byte(rogue), byte(how), 3, 1, 4, 1, 5})
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		spoiled(t, func() (n uint64) {
			if len(b) > 0 {
				n, b = uint64(b[0]), b[1:]
			}
			return n
		})
	})
}
