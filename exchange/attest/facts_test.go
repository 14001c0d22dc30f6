package attest_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// factsVector was computed by another implementation, from the specification.
type factsVector struct {
	Chain         string `json:"chain_id"`
	Pool          pdx.PoolID
	Deal          pdx.DealID
	Seller, Buyer pdx.Address
	BuyerKey      hash32 `json:"buyer_key"`
	Denom         string
	Price         uint64
	K             uint32
	Criteria      string
	Terms         []pdx.Term
	Fields        []string
	Root          hash32
	Size          uint64
	S, Nonce      hash32
	AEAD          pdx.AEAD
	Box           string
	KeyCommit     hash32 `json:"key_commit"`
	PC            hash32
	TermsHash     hash32 `json:"terms_hash"`
	FieldsHash    hash32 `json:"fields_hash"`
	FactsHash     hash32 `json:"facts_hash"`
	OfferDataset  hash32 `json:"offer_dataset_context"`
}

func TestFactsVector(t *testing.T) {
	raw, err := os.ReadFile("testdata/facts.json")
	require.NoError(t, err)
	var v factsVector
	require.NoError(t, json.Unmarshal(raw, &v))
	box, err := hex.DecodeString(v.Box)
	require.NoError(t, err)
	cid, err := hex.DecodeString(v.Criteria)
	require.NoError(t, err)
	criteria, err := pdx.ContentIDFromBytes(cid)
	require.NoError(t, err)

	require.Equal(t, [32]byte(v.TermsHash), attest.TermsHash(v.Terms))
	require.Equal(t, [32]byte(v.FieldsHash), attest.FieldsHash(v.Fields))
	facts := attest.FactsOf(v.Chain, pdx.Deal{
		ID: v.Deal, Pool: v.Pool, Seller: v.Seller, Buyer: v.Buyer, BuyerKey: pdx.Element(v.BuyerKey), Price: pdx.Amount(v.Price),
		Required: v.K, Criteria: criteria, TermsHash: v.TermsHash, FieldsHash: v.FieldsHash,
		Dataset: pdx.Dataset{
			Root: pdx.ContentID(v.Root), Size: v.Size, Key: pdx.Element(v.S), Nonce: v.Nonce, AEAD: v.AEAD, Box: [48]byte(box),
			KeyCommit: v.KeyCommit, Commitment: v.PC,
		},
	})
	require.Equal(t, v.Denom, facts.Denom)
	require.Equal(t, [32]byte(v.FactsHash), facts.Hash())
	offer := attest.OfferDataset{ChainID: v.Chain, Pool: v.Pool, Seller: v.Seller, Root: pdx.ContentID(v.Root)}
	require.Equal(t, [32]byte(v.OfferDataset), offer.Hash())
}

// TestTextsHaveOneHash: no two texts have the same bytes.
func TestTextsHaveOneHash(t *testing.T) {
	seen := map[[32]byte]int{}
	for i, terms := range [][]pdx.Term{
		nil,
		{{ID: 1}},
		{{ID: 1, Required: true}},
		{{ID: 1, Title: "ab"}},
		{{ID: 1, Title: "a", Description: "b"}},
		{{ID: 1, Description: "ab"}},
		{{ID: 1}, {ID: 2}},
		{{ID: 2}, {ID: 1}},
	} {
		hash := attest.TermsHash(terms)
		require.NotContains(t, seen, hash, "%d", i)
		seen[hash] = i
	}
	require.NotEqual(t, attest.FieldsHash([]string{"/a", "/b"}), attest.FieldsHash([]string{"/a/b"}))
	require.NotEqual(t, attest.FieldsHash([]string{""}), attest.FieldsHash(nil))
}
