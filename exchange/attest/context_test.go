package attest_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// hash32 is 32 bytes written in hexadecimal.
type hash32 [32]byte

func (h *hash32) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err == nil && len(b) != len(h) {
		err = fmt.Errorf("%d bytes", len(b))
	}
	if err == nil {
		*h = hash32(b)
	}
	return err
}

type contextVector struct {
	Name    string
	Hash    hash32 `json:"context_hash"`
	Context *struct {
		Module        string
		Chain         string     `json:"chain_id"`
		Pool          pdx.PoolID `json:"pool_id"`
		Deal          pdx.DealID `json:"deal_id"`
		Seller, Buyer pdx.Address
		Validator     pdx.Address
		Denom         string
		Price         uint64
		Cert          hash32 `json:"cert_hash"`
		AckHeight     int64  `json:"ack_height"`
		Block         uint64
	}
}

// TestContextVectors takes the contexts of the proofs' own vectors.
func TestContextVectors(t *testing.T) {
	for file, hash := range map[string]func(contextVector) [32]byte{
		"deliver-v1": func(v contextVector) [32]byte {
			c := v.Context
			return attest.Deliver{
				ChainID: c.Chain, Pool: c.Pool, Deal: c.Deal, Seller: c.Seller, Buyer: c.Buyer,
				Denom: c.Denom, Price: c.Price, Cert: c.Cert, AckHeight: c.AckHeight,
			}.Hash()
		},
		"pop-v1": func(v contextVector) [32]byte {
			return attest.PoolKey{ChainID: v.Context.Chain, Buyer: v.Context.Buyer}.Hash()
		},
		"dleq-v1-opening": func(v contextVector) [32]byte {
			return attest.OpenDataset{ChainID: v.Context.Chain, Deal: v.Context.Deal, Validator: v.Context.Validator}.Hash()
		},
		"dleq-v1-blocks": func(v contextVector) [32]byte {
			return attest.OpenBlocks{ChainID: v.Context.Chain, Deal: v.Context.Deal, Validator: v.Context.Validator}.Hash()
		},
		"dleq-v1-complaint": func(v contextVector) [32]byte {
			return attest.ComplainBlock{
				ChainID: v.Context.Chain, Deal: v.Context.Deal, Buyer: v.Context.Buyer, Block: v.Context.Block,
			}.Hash()
		},
		"open-v1-complaint": func(v contextVector) [32]byte {
			return attest.ComplainBox{ChainID: v.Context.Chain, Deal: v.Context.Deal, Buyer: v.Context.Buyer}.Hash()
		},
	} {
		checkContexts(t, file, hash)
	}
}

func checkContexts(t *testing.T, file string, hash func(contextVector) [32]byte) {
	checked := 0
	for i, v := range load[contextVector](t, "../proof/testdata/"+file+".json") {
		if v.Context == nil { // only the hash counts there
			continue
		}
		if v.Context.Module != attest.Module { // a context of ours cannot name another module
			require.NotEqual(t, [32]byte(v.Hash), hash(v), "%s %d", file, i)
			continue
		}
		require.Equal(t, [32]byte(v.Hash), hash(v), "%s %d %s", file, i, v.Name)
		checked++
	}
	require.Positive(t, checked, file)
}

type certVector struct {
	Root, S, Nonce hash32
	Size           uint64
	AEAD           pdx.AEAD
	Box            string
	KeyCommit      hash32 `json:"key_commit"`
	PC             hash32
	Criteria       string `json:"criteria_cid_bytes"`
	CertHash       hash32 `json:"cert_hash"`
	Certificates   []struct {
		Validator  pdx.Address
		Report     hash32
		Expiry     int64
		Commission uint32 `json:"commission_bp"`
	}
}

func TestCertHashVectors(t *testing.T) {
	for i, v := range load[certVector](t, "testdata/cert-hash.json") {
		box, err := hex.DecodeString(v.Box)
		require.NoError(t, err)
		raw, err := hex.DecodeString(v.Criteria)
		require.NoError(t, err)
		criteria, err := pdx.ContentIDFromBytes(raw)
		require.NoError(t, err)
		ds := pdx.Dataset{
			Root: pdx.ContentID(v.Root), Size: v.Size, Key: pdx.Element(v.S), Nonce: v.Nonce, AEAD: v.AEAD,
			Box: [48]byte(box), KeyCommit: v.KeyCommit, Commitment: v.PC,
		}
		var accepted []pdx.Certificate
		for _, c := range v.Certificates {
			accepted = append(accepted, pdx.Certificate{
				Validator: c.Validator, Accepted: true, Report: c.Report, ExpiryHeight: c.Expiry, Commission: c.Commission,
			})
		}
		require.Equal(t, [32]byte(v.CertHash), attest.CertHash(ds, criteria, accepted), "vector %d", i)
	}
}

func load[V any](t testing.TB, path string) []V {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var vectors []V
	require.NoError(t, json.Unmarshal(raw, &vectors))
	require.NotEmpty(t, vectors)
	return vectors
}
