package proof

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

var testCtx = [32]byte{7}

func randomScalar(t testing.TB) group.Scalar {
	t.Helper()
	s, err := group.RandomScalar(rand.Reader)
	require.NoError(t, err)
	return s
}

func baseMul(t testing.TB, s group.Scalar) group.Point {
	t.Helper()
	p, err := group.BaseMul(s)
	require.NoError(t, err)
	return p
}

func TestProverRefusesZeroRandomness(t *testing.T) {
	buyer := baseMul(t, randomScalar(t)).Bytes()
	_, err := encrypt(testCtx, randomScalar(t), [32]byte{}, buyer, group.Scalar{})
	require.ErrorIs(t, err, group.ErrIdentity)
}

func TestProverRefusesZeroKeys(t *testing.T) {
	_, err := ProvePop(testCtx, group.Scalar{})
	require.ErrorIs(t, err, group.ErrIdentity)
	_, err = ProveOpening(testCtx, group.Scalar{}, [32]byte{})
	require.ErrorIs(t, err, group.ErrIdentity)
	_, _, err = ProveBlocks(testCtx, group.Scalar{}, [32]byte{}, 1, []uint64{0})
	require.ErrorIs(t, err, group.ErrIdentity)
	_, _, err = ProveComplaint(testCtx, group.Scalar{}, [32]byte{}, 0)
	require.ErrorIs(t, err, group.ErrIdentity)
	_, _, _, err = ProveDeliver(testCtx, randomScalar(t), [32]byte{}, pdx.Element{})
	require.ErrorIs(t, err, group.ErrIdentity)
	_, _, err = ProveOpen(testCtx, group.Scalar{}, pdx.Element{1}, pdx.Element{1})
	require.ErrorIs(t, err, ErrProof)
}

// TestProverChecksItself passes a witness of another statement to the engine.
func TestProverChecksItself(t *testing.T) {
	st := newStatement(popV1, testCtx, baseMul(t, randomScalar(t)))
	prf, err := st.prove(rand.Reader, randomScalar(t))
	require.ErrorIs(t, err, ErrProof)
	require.Nil(t, prf)
}

func TestProverNeedsRandomness(t *testing.T) {
	broken := errors.New("no entropy")
	x := randomScalar(t)
	prf, err := newStatement(popV1, testCtx, baseMul(t, x)).prove(iotest.ErrReader(broken), x)
	require.ErrorIs(t, err, broken)
	require.Nil(t, prf)
}

// TestNoncesAreHedged uses a broken source that always returns the same bytes: equal
// nonces under different challenges would reveal the witness.
func TestNoncesAreHedged(t *testing.T) {
	stuck := func() *bytes.Reader { return bytes.NewReader(make([]byte, 64)) }
	x, y := randomScalar(t), randomScalar(t)
	nonces := func(ctx [32]byte, witnesses ...group.Scalar) []group.Scalar {
		st := statement{relation: popV1, context: ctx, elements: []group.Point{group.Generator(), baseMul(t, x)}}
		n, err := st.nonces(stuck(), witnesses)
		require.NoError(t, err)
		return n
	}
	first := nonces(testCtx, x, x)
	require.False(t, first[0].Equal(first[1]), "the index does not count")
	require.False(t, first[0].Equal(nonces([32]byte{8}, x)[0]), "the context does not count")
	require.False(t, first[0].Equal(nonces(testCtx, y)[0]), "the witness does not count")
	other := newStatement(popV1, testCtx, baseMul(t, y))
	n, err := other.nonces(stuck(), []group.Scalar{x})
	require.NoError(t, err)
	require.False(t, first[0].Equal(n[0]), "the statement does not count")
	random, err := other.nonces(rand.Reader, []group.Scalar{x})
	require.NoError(t, err)
	require.False(t, random[0].Equal(n[0]), "the randomness does not count")
}

// TestDeliveriesDiffer delivers the same key twice.
func TestDeliveriesDiffer(t *testing.T) {
	s, buyer := randomScalar(t), baseMul(t, randomScalar(t)).Bytes()
	a1, a2, _, err := ProveDeliver(testCtx, s, [32]byte{}, buyer)
	require.NoError(t, err)
	b1, b2, _, err := ProveDeliver(testCtx, s, [32]byte{}, buyer)
	require.NoError(t, err)
	require.NotEqual(t, a1, b1)
	require.NotEqual(t, a2, b2)
}

func TestProveBlocksRefusesBadIndices(t *testing.T) {
	s := randomScalar(t)
	for name, indices := range map[string][]uint64{
		"none": {}, "beyond": {3}, "twice": {1, 1}, "falling": {2, 1},
	} {
		_, _, err := ProveBlocks(testCtx, s, [32]byte{}, 3, indices)
		require.ErrorIs(t, err, ErrProof, name)
	}
}

func BenchmarkVerifyDeliver(b *testing.B) {
	s, buyer := randomScalar(b), baseMul(b, randomScalar(b)).Bytes()
	d1, d2, prf, err := ProveDeliver(testCtx, s, [32]byte{}, buyer)
	require.NoError(b, err)
	key := baseMul(b, s).Bytes()
	for b.Loop() {
		if err := VerifyDeliver(testCtx, key, [32]byte{}, buyer, d1, d2, prf); err != nil {
			b.Fatal(err)
		}
	}
}
