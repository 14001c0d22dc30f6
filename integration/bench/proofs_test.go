package bench_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/group"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/integration/bench"
)

// oneProcessor lets a benchmark have one, and gives the others back afterwards.
func oneProcessor(b *testing.B) {
	before := runtime.GOMAXPROCS(1)
	b.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

// must ends a benchmark whose subject does not do what is measured.
func must(b *testing.B, err error) {
	if err != nil {
		b.Fatal(err)
	}
}

var ctx = [32]byte{1}

// exchanged is a dataset key, a buyer and a delivery between them.
type exchanged struct {
	key    *seal.Key
	scalar group.Scalar // of another key, for batches
	buyer  seal.BuyerKey
	d1, d2 pdx.Element
	proof  []byte
}

func newExchanged(b *testing.B) exchanged {
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	require.NoError(b, err)
	e := exchanged{key: key, buyer: seal.NewBuyerKey()}
	e.scalar, err = group.RandomScalar(rand.Reader)
	require.NoError(b, err)
	e.d1, e.d2, e.proof, err = key.Deliver(ctx, e.buyer.Public())
	require.NoError(b, err)
	return e
}

// BenchmarkProofs measures each proof, made and verified, by an ed25519
// signature verified in the same run.
func BenchmarkProofs(b *testing.B) {
	oneProcessor(b)
	table := bench.Table{Name: "proofs", Title: "Proofs, beside ed25519", Columns: []string{"× verify ed25519", "µs"}}
	e := newExchanged(b)
	table.Compare(append(append(signatures(b), e.verifiers(b)...), e.provers(b)...)...)
	table.Note("A prover verifies its own proof before it gives it out: both are in its time.")
	require.NoError(b, table.Report())
}

func signatures(b *testing.B) []bench.Subject {
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(b, err)
	message := make([]byte, 200)
	signature := ed25519.Sign(private, message)
	return []bench.Subject{
		{Name: "verify ed25519", Op: func() {
			if !ed25519.Verify(public, message, signature) {
				b.Fatal("the signature does not hold")
			}
		}},
		{Name: "sign ed25519", Op: func() { ed25519.Sign(private, message) }},
	}
}

func (e exchanged) verifiers(b *testing.B) []bench.Subject {
	key, nonce, buyer := e.key.Public(), e.key.Nonce(), e.buyer.Public()
	opening, err := e.key.ProveOpening(ctx)
	require.NoError(b, err)
	mj, complaint, err := e.key.ProveComplaint(ctx, 1)
	require.NoError(b, err)
	m, open, err := e.buyer.ProveOpen(ctx, e.d1, e.d2)
	require.NoError(b, err)
	possession, err := e.buyer.Prove(ctx)
	require.NoError(b, err)
	subjects := []bench.Subject{
		{Name: "verify deliver-v1", Op: func() { must(b, proof.VerifyDeliver(ctx, key, nonce, buyer, e.d1, e.d2, e.proof)) }},
		{Name: "verify open-v1", Op: func() { must(b, proof.VerifyOpen(ctx, buyer, e.d1, e.d2, m, open)) }},
		{Name: "verify pop-v1", Op: func() { must(b, proof.VerifyPop(ctx, buyer, possession)) }},
		{Name: "verify dleq-v1, M", Op: func() { must(b, proof.VerifyOpening(ctx, key, nonce, m, opening)) }},
		{Name: "verify dleq-v1, M_j", Op: func() { must(b, proof.VerifyComplaint(ctx, key, nonce, 1, mj, complaint)) }},
	}
	for _, n := range []uint64{1, 16, 64} {
		public, err := group.BaseMul(e.scalar)
		require.NoError(b, err)
		indices := upTo(n)
		ms, batch, err := proof.ProveBlocks(ctx, e.scalar, nonce, n, indices)
		require.NoError(b, err)
		subjects = append(subjects, bench.Subject{
			Name: fmt.Sprintf("verify dleq-v1, batch of %d", n),
			Op:   func() { must(b, proof.VerifyBlocks(ctx, public.Bytes(), nonce, n, indices, ms, batch)) },
		})
	}
	return subjects
}

func (e exchanged) provers(b *testing.B) []bench.Subject {
	subjects := []bench.Subject{
		{Name: "prove deliver-v1", Op: func() {
			_, _, _, err := e.key.Deliver(ctx, e.buyer.Public())
			must(b, err)
		}},
		{Name: "prove open-v1", Op: func() {
			_, _, err := e.buyer.ProveOpen(ctx, e.d1, e.d2)
			must(b, err)
		}},
		{Name: "prove pop-v1", Op: func() {
			_, err := e.buyer.Prove(ctx)
			must(b, err)
		}},
		{Name: "prove dleq-v1, M", Op: func() {
			_, err := e.key.ProveOpening(ctx)
			must(b, err)
		}},
	}
	for _, n := range []uint64{1, 16, 64} {
		subjects = append(subjects, bench.Subject{Name: fmt.Sprintf("prove dleq-v1, batch of %d", n), Op: func() {
			_, _, err := proof.ProveBlocks(ctx, e.scalar, [32]byte{}, n, upTo(n))
			must(b, err)
		}})
	}
	return subjects
}

func upTo(n uint64) []uint64 {
	list := make([]uint64, n)
	for i := range list {
		list[i] = uint64(i)
	}
	return list
}
