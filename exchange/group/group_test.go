package group_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"math/big"
	"testing"
	"testing/iotest"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
)

// order is q = 2^252 + 27742317777372353535851937790883648493.
func order() *big.Int {
	tail, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
	return tail.Add(tail, new(big.Int).Lsh(big.NewInt(1), 252))
}

// littleEndian returns n in 32 bytes, little-endian.
func littleEndian(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	for i := range 16 {
		b[i], b[31-i] = b[31-i], b[i]
	}
	return b
}

// TestDecodePointRefuses decodes one bad encoding of each kind from RFC 9496, appendix
// A.2, and the identity.
func TestDecodePointRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"non-canonical field element": "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"value above p":               "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"negative":                    "0100000000000000000000000000000000000000000000000000000000000000",
		"non-square x^2":              "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
		"negative xy":                 "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
		"s = -1, y = 0":               "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"short":                       "00",
		"empty":                       "",
	} {
		b, err := hex.DecodeString(text)
		require.NoError(t, err)
		_, err = group.DecodePoint(b)
		require.ErrorIs(t, err, group.ErrEncoding, name)
		require.ErrorIs(t, err, pdx.ErrRefused, name)
	}
	_, err := group.DecodePoint(make([]byte, 32))
	require.ErrorIs(t, err, group.ErrIdentity)
	long := group.Generator().Bytes()
	_, err = group.DecodePoint(append(long[:], 0))
	require.ErrorIs(t, err, group.ErrEncoding)
}

// TestGenerator pins g and 2g as RFC 9496, appendix A.1, gives them.
func TestGenerator(t *testing.T) {
	g := group.Generator().Bytes()
	require.Equal(t, "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76", hex.EncodeToString(g[:]))
	twice, err := group.Generator().Add(group.Generator())
	require.NoError(t, err)
	b := twice.Bytes()
	require.Equal(t, "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919", hex.EncodeToString(b[:]))
}

func TestDecodeScalar(t *testing.T) {
	q := order()
	for name, n := range map[string]*big.Int{
		"q": q, "q+1": new(big.Int).Add(q, big.NewInt(1)), "2^255": new(big.Int).Lsh(big.NewInt(1), 255),
	} {
		_, err := group.DecodeScalar(littleEndian(n))
		require.ErrorIs(t, err, group.ErrEncoding, name)
	}
	last := littleEndian(new(big.Int).Sub(q, big.NewInt(1)))
	s, err := group.DecodeScalar(last)
	require.NoError(t, err)
	got := s.Bytes()
	require.Equal(t, last, got[:])
	one, err := group.DecodeScalar(littleEndian(big.NewInt(1)))
	require.NoError(t, err)
	require.True(t, s.Add(one).IsZero(), "q-1+1")
	require.True(t, s.Equal(one.Neg()))
	for _, n := range []int{0, 31, 33} {
		_, err := group.DecodeScalar(make([]byte, n))
		require.ErrorIs(t, err, group.ErrEncoding)
	}
}

func TestReduceScalar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wide := [64]byte(rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "wide"))
		reversed := make([]byte, 64)
		for i := range wide {
			reversed[63-i] = wide[i]
		}
		want := new(big.Int).Mod(new(big.Int).SetBytes(reversed), order())
		got := group.ReduceScalar(wide).Bytes()
		require.Equal(t, littleEndian(want), got[:])
	})
}

func TestRandomScalarRefusesBrokenSources(t *testing.T) {
	_, err := group.RandomScalar(bytes.NewReader(make([]byte, 64)))
	require.Error(t, err, "zeros")
	broken := errors.New("no entropy")
	_, err = group.RandomScalar(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
}

func TestIdentityNeverComesOut(t *testing.T) {
	p := group.Generator()
	_, err := p.Sub(p)
	require.ErrorIs(t, err, group.ErrIdentity)
	_, err = p.Mul(group.Scalar{})
	require.ErrorIs(t, err, group.ErrIdentity)
	_, err = group.BaseMul(group.Scalar{})
	require.ErrorIs(t, err, group.ErrIdentity)
}

func TestSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 4).Draw(t, "n")
		scalars, points := make([]group.Scalar, n), make([]group.Point, n)
		want := curve.NewRistrettoPoint().Identity()
		for i := range n {
			s, err := group.RandomScalar(rand.Reader)
			require.NoError(t, err)
			p, err := group.HashToGroup("test", []byte{byte(i)})
			require.NoError(t, err)
			scalars[i], points[i] = s, p
			one, err := p.Mul(s)
			require.NoError(t, err)
			enc := one.Bytes()
			other := curve.NewRistrettoPoint()
			require.NoError(t, other.UnmarshalBinary(enc[:]))
			want = curve.NewRistrettoPoint().Add(want, other)
		}
		enc, err := want.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, pdx.Element(enc), group.Sum(scalars, points))
		require.Equal(t, pdx.Element(enc), group.VarTimeSum(scalars, points))
	})
}

func TestHashToScalarsIsHashToScalar(t *testing.T) {
	many, err := group.HashToScalars("label", 3, []byte("a"), []byte("b"))
	require.NoError(t, err)
	for i, s := range many {
		one := group.HashToScalar("label", []byte("a"), []byte("b"), []byte{0, 0, 0, 0, 0, 0, 0, byte(i)})
		require.True(t, s.Equal(one), "index %d", i)
	}
}

func TestFrame(t *testing.T) {
	got := group.Frame([]byte{9}, "ab", []byte{1, 2, 3})
	require.Equal(t, []byte{9, 2, 0, 0, 0, 'a', 'b', 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3}, got)
}

// FuzzDecodePoint compares with another library's decoder.
func FuzzDecodePoint(f *testing.F) {
	g := group.Generator().Bytes()
	f.Add(g[:])
	f.Add(make([]byte, 32))
	f.Add(bytes.Repeat([]byte{0xff}, 32))
	f.Fuzz(func(t *testing.T, b []byte) {
		other := curve.NewRistrettoPoint()
		want := other.UnmarshalBinary(b) == nil && !other.IsIdentity()
		p, err := group.DecodePoint(b)
		require.Equal(t, want, err == nil)
		if err == nil {
			enc := p.Bytes()
			require.Equal(t, b, enc[:])
		}
	})
}

// FuzzDecodeScalar compares with the definition.
func FuzzDecodeScalar(f *testing.F) {
	f.Add(littleEndian(order()))
	f.Add(make([]byte, 32))
	f.Add(make([]byte, 31))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := group.DecodeScalar(b)
		if err != nil {
			reversed := make([]byte, len(b))
			for i := range b {
				reversed[len(b)-1-i] = b[i]
			}
			require.True(t, len(b) != 32 || new(big.Int).SetBytes(reversed).Cmp(order()) >= 0)
			return
		}
		got := s.Bytes()
		require.Equal(t, b, got[:])
	})
}
