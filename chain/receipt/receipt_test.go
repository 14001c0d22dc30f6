package receipt_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/receipt"
)

// saved is a receipt of a real chain; the test of package client writes it with -write-receipt.
const saved = "testdata/receipt.json"

func load(t testing.TB) receipt.Receipt {
	t.Helper()
	file, err := os.Open(saved)
	require.NoError(t, err)
	defer file.Close()
	r, err := receipt.Parse(file)
	require.NoError(t, err)
	return r
}

func hashOf(t testing.TB, r receipt.Receipt) [32]byte {
	t.Helper()
	block, err := r.Block()
	require.NoError(t, err)
	return block.Hash
}

func TestVerify(t *testing.T) {
	r := load(t)
	deal, block, err := r.Verify(hashOf(t, r))
	require.NoError(t, err)
	require.Equal(t, r.Deal, deal.Id)
	require.NotEmpty(t, deal.Certificates)
	require.Positive(t, block.Height)

	_, _, err = r.Verify([32]byte{1})
	require.ErrorIs(t, err, pdx.ErrRefused)
}

// forgeries are receipts of which one thing is false.
func forgeries(t testing.TB) map[string]receipt.Receipt {
	t.Helper()
	list := map[string]receipt.Receipt{}
	random := rand.New(rand.NewPCG(1, 2))
	spoil := func(name string, part func(*receipt.Receipt) *[]byte) {
		for range 40 {
			r := load(t)
			bytes := part(&r)
			at := random.IntN(len(*bytes))
			(*bytes)[at] ^= 1 << random.IntN(8)
			list[name+" "+hex.EncodeToString([]byte{byte(at >> 8), byte(at)})] = r
		}
		cut := load(t)
		bytes := part(&cut)
		*bytes = (*bytes)[:len(*bytes)-1]
		list[name+", cut"] = cut
		none := load(t)
		*part(&none) = nil
		list[name+", none"] = none
	}
	spoil("header", func(r *receipt.Receipt) *[]byte { return &r.Header })
	spoil("record", func(r *receipt.Receipt) *[]byte { return &r.Record })
	spoil("store proof", func(r *receipt.Receipt) *[]byte { return &r.StoreProof })
	spoil("app proof", func(r *receipt.Receipt) *[]byte { return &r.AppProof })
	other := load(t)
	other.Deal++
	list["another deal"] = other
	swapped := load(t)
	swapped.StoreProof, swapped.AppProof = swapped.AppProof, swapped.StoreProof
	list["proofs swapped"] = swapped
	return list
}

// sameAs reports whether a receipt says the same: some bits of protobuf mean nothing.
func sameAs(t testing.TB, r receipt.Receipt) bool {
	t.Helper()
	honest := load(t)
	return bytes.Equal(r.Record, honest.Record) && r.Deal == honest.Deal
}

func TestForgeriesAreRefused(t *testing.T) {
	hash := hashOf(t, load(t))
	for name, r := range forgeries(t) {
		_, _, err := r.Verify(hash)
		if err == nil {
			require.True(t, sameAs(t, r), name)
		}
	}
}

// TestAnotherProgramAgrees runs the example, which links nothing of this module.
func TestAnotherProgramAgrees(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	hash := hashOf(t, load(t))
	run := func(t *testing.T, r receipt.Receipt, hash string) (string, bool) {
		t.Helper()
		document, err := json.Marshal(r)
		require.NoError(t, err)
		name := filepath.Join(t.TempDir(), "receipt.json")
		require.NoError(t, os.WriteFile(name, document, 0o600))
		out, err := exec.CommandContext(t.Context(), python, "../../examples/receipt/verify.py", name, hash).CombinedOutput()
		require.NotContains(t, string(out), "Traceback")
		return string(out), err == nil
	}
	out, ok := run(t, load(t), hex.EncodeToString(hash[:]))
	require.True(t, ok, out)
	require.Contains(t, out, "state       certified")
	_, ok = run(t, load(t), strings.Repeat("00", 32))
	require.False(t, ok)

	forged := forgeries(t)
	names := make([]string, 0, len(forged))
	for name := range forged {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if i%16 == 0 || strings.Contains(name, ",") || !strings.Contains(name, " ") { // each takes 50 ms
			_, _, err := forged[name].Verify(hash)
			out, ok := run(t, forged[name], hex.EncodeToString(hash[:]))
			require.Equal(t, err == nil, ok, "%s: %v; %s", name, err, out)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good, err := os.ReadFile(saved)
	require.NoError(t, err)
	for name, text := range map[string]string{
		"nothing": "", "no JSON": "deal 17", "another format": strings.Replace(string(good), "receipt-1", "receipt-2", 1),
		"a member more": strings.Replace(string(good), "{", `{"signature": "",`, 1),
		"not base64":    strings.Replace(string(good), `"header": "`, `"header": "*`, 1),
		"too long":      string(good) + strings.Repeat(" ", receipt.MaxBytes),
	} {
		_, err := receipt.Parse(strings.NewReader(text))
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
	}
}

func FuzzReceipt(f *testing.F) {
	good, err := os.ReadFile(saved)
	require.NoError(f, err)
	f.Add(good)
	hash := hashOf(f, load(f))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := receipt.Parse(bytes.NewReader(text))
		if err != nil {
			return
		}
		if deal, _, err := r.Verify(hash); err == nil {
			require.Equal(t, load(t).Record, r.Record)
			require.Equal(t, r.Deal, deal.Id)
		}
	})
}
