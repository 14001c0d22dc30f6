package attest_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"reflect"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// statement is what an account signs.
type statement interface{ Verify() error }

func (a account) consent() attest.Consent {
	c := attest.Consent{
		ChainID: "panacea-local-1", Pool: 1, Deal: 2, Seller: a.address, Buyer: "panacea1buyer", Denom: pdx.Denom, Price: 3,
		Agreed: []uint32{1, 4}, Title: "t", MediaType: "application/x-ndjson", State: "final", AgreedAt: 5, Made: 6, PublicKey: a.public,
	}
	c.Signature = a.sign(c.SignBytes())
	return c
}

func (a account) request() attest.ErasureRequest {
	r := attest.ErasureRequestOf("panacea-local-1", pdx.Deal{ID: 2, Pool: 1, Seller: a.address, Buyer: "panacea1buyer"}, 7, "why")
	r.PublicKey = a.public
	r.Signature = a.sign(r.SignBytes())
	return r
}

func (a account) answer(r attest.ErasureRequest) attest.ErasureAnswer {
	r.Buyer = a.address
	answer := attest.ErasureAnswer{Request: r, Erased: true, Answered: 8, Note: "done", PublicKey: a.public}
	answer.Signature = a.sign(answer.SignBytes())
	return answer
}

// altered returns a copy of a statement for each of its fields, changed in that field.
func altered[T statement](t *testing.T, v T, skip ...string) map[string]statement {
	t.Helper()
	list := map[string]statement{}
	fields := reflect.TypeOf(v)
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		other := reflect.New(fields).Elem()
		other.Set(reflect.ValueOf(v))
		switch f := other.Field(i); {
		case f.Kind() == reflect.Struct:
			continue
		case f.Kind() == reflect.Bool:
			f.SetBool(!f.Bool())
		case f.Type() == reflect.TypeFor[[]uint32]():
			f.Set(reflect.ValueOf([]uint32{1}))
		default:
			change(t, name, f)
		}
		list[name] = other.Interface().(statement)
	}
	for _, name := range skip {
		delete(list, name)
	}
	return list
}

func TestEveryFieldOfAConsentCounts(t *testing.T) {
	good := newAccount(t).consent()
	require.NoError(t, good.Verify())
	for field, changed := range altered(t, good) {
		require.ErrorIs(t, changed.Verify(), attest.ErrSignature, field)
	}
}

func TestEveryFieldOfAnErasureCounts(t *testing.T) {
	seller, buyer := newAccount(t), newAccount(t)
	request := seller.request()
	require.NoError(t, request.Verify())
	for field, changed := range altered(t, request) {
		require.ErrorIs(t, changed.Verify(), attest.ErrSignature, field)
	}
	answer := buyer.answer(request)
	require.NoError(t, answer.Verify())
	for field, changed := range altered(t, answer) {
		require.ErrorIs(t, changed.Verify(), attest.ErrSignature, field)
	}
	for field, changed := range altered(t, answer.Request, "PublicKey", "Signature") {
		other := answer
		other.Request = changed.(attest.ErasureRequest)
		require.ErrorIs(t, other.Verify(), attest.ErrSignature, field)
	}
}

// TestStatementsAreOfOnePurpose: a signature under one statement is of no use under another.
func TestStatementsAreOfOnePurpose(t *testing.T) {
	a := newAccount(t)
	request := a.request()
	request.Buyer = a.address
	request.Signature = a.sign(request.SignBytes())
	answer := attest.ErasureAnswer{Request: request, PublicKey: a.public, Signature: request.Signature}
	require.ErrorIs(t, answer.Verify(), attest.ErrSignature)
	consent := a.consent()
	consent.Signature = request.Signature
	require.ErrorIs(t, consent.Verify(), attest.ErrSignature)
	for _, bytes := range [][]byte{attest.Consent{}.SignBytes(), attest.ErasureRequest{}.SignBytes(), attest.ErasureAnswer{}.SignBytes()} {
		require.Equal(t, byte(6), bytes[0], "not the beginning of a transaction")
	}
}

var writeVector = flag.Bool("write-vector", false, "write testdata/consent.json")

// signedVector is a statement with what its signer signed.
type signedVector struct {
	Statement string         `json:"statement"`
	Fields    map[string]any `json:"fields"`
	SignBytes string         `json:"sign_bytes"`
	PublicKey string         `json:"public_key"`
	Signature string         `json:"signature"`
}

// TestStatementVectors holds the bytes of each statement against testdata/consent.json.
func TestStatementVectors(t *testing.T) {
	seller, buyer := accountOf(t, secp256k1.PrivKeyFromBytes([]byte{1})), accountOf(t, secp256k1.PrivKeyFromBytes([]byte{2}))
	root, criteria := pdx.ContentID{1}, pdx.ContentID{2}
	consent := seller.consent()
	consent.Buyer, consent.Root, consent.Criteria, consent.Terms, consent.Fields = buyer.address, root, criteria, [32]byte{3}, [32]byte{4}
	consent.Title, consent.Withdrawn = "Vitals 연구", 9
	request := attest.ErasureRequestOf("panacea-local-1", pdx.Deal{
		ID: 2, Pool: 1, Seller: seller.address, Buyer: buyer.address, Dataset: pdx.Dataset{Root: root},
	}, 7, "I withdraw\nmy consent")
	answer := attest.ErasureAnswer{Request: request, Erased: true, Answered: 8, Note: "done"}
	deal := map[string]any{
		"chain_id": "panacea-local-1", "pool": 1, "deal": 2, "seller": seller.address, "buyer": buyer.address,
		"root":  hex.EncodeToString(root[:]),
		"asked": 7, "reason": request.Reason,
	}
	answered := maps.Clone(deal)
	maps.Copy(answered, map[string]any{"erased": true, "answered": 8, "note": "done"})
	made := []signedVector{
		vectorOf("consent", seller, consent.SignBytes(), map[string]any{
			"chain_id": "panacea-local-1", "pool": 1, "deal": 2, "seller": seller.address, "buyer": buyer.address, "denom": "umed", "price": 3,
			"criteria": hex.EncodeToString(
				criteria.Bytes(),
			), "root": hex.EncodeToString(root[:]), "terms_hash": hex.EncodeToString(consent.Terms[:]),
			"fields_hash": hex.EncodeToString(consent.Fields[:]), "agreed": consent.Agreed, "title": consent.Title, "media_type": consent.MediaType,
			"state": "final", "agreed_at": 5, "withdrawn": 9, "made": 6,
		}),
		vectorOf("erasure-request", seller, request.SignBytes(), deal),
		vectorOf("erasure-answer", buyer, answer.SignBytes(), answered),
	}
	text, err := json.MarshalIndent(made, "", "  ")
	require.NoError(t, err)
	if *writeVector {
		require.NoError(t, os.WriteFile("testdata/consent.json", append(text, '\n'), 0o644))
	}
	saved, err := os.ReadFile("testdata/consent.json")
	require.NoError(t, err)
	require.JSONEq(t, string(saved), string(text))
}

func vectorOf(statement string, signer account, message []byte, fields map[string]any) signedVector {
	return signedVector{
		statement, fields, hex.EncodeToString(message), hex.EncodeToString(signer.public), hex.EncodeToString(signer.sign(message)),
	}
}
