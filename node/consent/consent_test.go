package consent_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/node/consent"
)

var writeVector = flag.Bool("write-vector", false, "write testdata/consent.json")

// saved is a record of a fixed key, which another implementation must verify.
const saved = "testdata/consent.json"

type signer struct{ key *secp256k1.PrivateKey }

func (s signer) PublicKey() []byte { return s.key.PubKey().SerializeCompressed() }

func (s signer) Sign(message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	return ecdsa.SignCompact(s.key, digest[:], true)[1:], nil
}

func agreement(t testing.TB, s signer) consent.Agreement {
	t.Helper()
	seller, err := attest.AccountOf(s.PublicKey())
	require.NoError(t, err)
	return consent.Agreement{
		ChainID: "panacea-local-1", Pool: 3, Deal: 7, Title: "Vitals 연구", MediaType: "application/x-ndjson", Seller: seller,
		Buyer: "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc", Price: 10_000_000, Criteria: pdx.ContentID{1}, Root: pdx.ContentID{2},
		Fields: []string{"/birthDate", "/a~1b"},
		Terms: []pdx.Term{
			{ID: 1, Required: true, Title: "Research only", Description: "No resale. [DUO:0000042] [until 2031-06-30]"},
			{ID: 2, Title: "Contact [DUO:0000007]", Description: "[until 2029-01-01]"},
			{ID: 5, Title: "Genomes", Description: "[DUO:0000006][DUO:42][until 2030-02-30]"},
		},
		Agreed: []uint32{5, 1}, State: "final", AgreedAt: time.Unix(1_800_000_000, 5), Made: time.Unix(1_800_000_100, 0),
	}
}

func sign(t testing.TB, change func(*consent.Agreement)) consent.Document {
	t.Helper()
	s := signer{secp256k1.PrivKeyFromBytes([]byte{1})}
	a := agreement(t, s)
	if change != nil {
		change(&a)
	}
	d, err := consent.Sign(a, s)
	require.NoError(t, err)
	return d
}

func TestVector(t *testing.T) {
	d := sign(t, nil)
	text, err := json.MarshalIndent(d, "", "  ")
	require.NoError(t, err)
	if *writeVector {
		require.NoError(t, os.WriteFile(saved, append(text, '\n'), 0o644))
	}
	vector, err := os.ReadFile(saved)
	require.NoError(t, err)
	require.JSONEq(t, string(vector), string(text))
	read, err := consent.Parse(bytes.NewReader(vector))
	require.NoError(t, err)
	require.NoError(t, read.Verify())
	require.Equal(t, []string{"DUO:0000006", "DUO:0000042"}, read.Purposes)
	require.Equal(t, "2031-06-30", read.Until, "of the terms agreed to, and a day of the calendar")
}

// TestAlteredRecordsAreRefused changes each member of a record, each by name.
func TestAlteredRecordsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*consent.Document){
		"chain_id":            func(d *consent.Document) { d.ChainID = "panacea-3" },
		"pool":                func(d *consent.Document) { d.Pool++ },
		"deal":                func(d *consent.Document) { d.Deal++ },
		"title":               func(d *consent.Document) { d.Title += "." },
		"media_type":          func(d *consent.Document) { d.MediaType = "text/csv" },
		"seller":              func(d *consent.Document) { d.Seller = d.Buyer },
		"buyer":               func(d *consent.Document) { d.Buyer = d.Seller },
		"price":               func(d *consent.Document) { d.Price.Amount = "1" },
		"price, other digits": func(d *consent.Document) { d.Price.Amount = "0" + d.Price.Amount },
		"denom":               func(d *consent.Document) { d.Price.Denom = "med" },
		"criteria":            func(d *consent.Document) { d.Criteria = d.Root },
		"root":                func(d *consent.Document) { d.Root = d.Criteria },
		"no root":             func(d *consent.Document) { d.Root = "" },
		"a field more":        func(d *consent.Document) { d.Fields = append(d.Fields, "/name") },
		"a field less":        func(d *consent.Document) { d.Fields = d.Fields[1:] },
		"fields in another order": func(d *consent.Document) {
			d.Fields[0], d.Fields[1] = d.Fields[1], d.Fields[0]
		},
		"the text of a term":    func(d *consent.Document) { d.Terms[1].Description += " And resale." },
		"the text and its hash": func(d *consent.Document) { d.Terms[1].Title = "x"; rehash(d) },
		"an answer": func(d *consent.Document) {
			d.Terms[1].Agreed = true
			d.Purposes = []string{"DUO:0000006", "DUO:0000007", "DUO:0000042"}
			d.Until = "2029-01-01"
		},
		"a required term": func(d *consent.Document) {
			d.Terms[0].Agreed = false
			d.Purposes = []string{"DUO:0000006"}
			d.Until = ""
		},
		"the version of the terms":   func(d *consent.Document) { d.TermsHash = strings.Repeat("0", 64) },
		"a purpose more":             func(d *consent.Document) { d.Purposes = append(d.Purposes, "DUO:0000043") },
		"no purpose":                 func(d *consent.Document) { d.Purposes = nil },
		"until later":                func(d *consent.Document) { d.Until = "2099-01-01" },
		"state":                      func(d *consent.Document) { d.State = "lapsed" },
		"agreed_at":                  func(d *consent.Document) { d.AgreedAt = d.AgreedAt.Add(time.Second) },
		"agreed_at, half a second":   func(d *consent.Document) { d.AgreedAt = d.AgreedAt.Add(time.Second / 2) },
		"made":                       func(d *consent.Document) { d.Made = d.Made.Add(-time.Second) },
		"withdrawn":                  func(d *consent.Document) { at := d.Made; d.Withdrawn = &at },
		"withdrawn in 1970":          func(d *consent.Document) { at := time.Unix(0, 0); d.Withdrawn = &at },
		"another key":                func(d *consent.Document) { d.PublicKey = signer{secp256k1.PrivKeyFromBytes([]byte{2})}.PublicKey() },
		"no signature":               func(d *consent.Document) { d.Signature = nil },
		"a byte of the signature":    func(d *consent.Document) { d.Signature[9] ^= 1 },
		"a signature that is longer": func(d *consent.Document) { d.Signature = append(d.Signature, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			d := sign(t, nil)
			change(&d)
			err := d.Verify()
			require.Error(t, err)
			require.True(t, errorsIsRefusal(err), err)
			_, err = d.FHIR()
			require.Error(t, err, "nothing is exported of it either")
		})
	}
}

func rehash(d *consent.Document) {
	var terms []pdx.Term
	for _, t := range d.Terms {
		terms = append(terms, pdx.Term{ID: t.ID, Required: t.Required, Title: t.Title, Description: t.Description})
	}
	sum := attest.TermsHash(terms)
	d.TermsHash = hexOf(sum[:])
}

func TestMatchesTheChain(t *testing.T) {
	d := sign(t, nil)
	a := agreement(t, signer{secp256k1.PrivKeyFromBytes([]byte{1})})
	deal := pdx.Deal{
		ID: a.Deal, Pool: a.Pool, Seller: a.Seller, Buyer: a.Buyer, Price: a.Price, Criteria: a.Criteria, Dataset: pdx.Dataset{Root: a.Root},
		TermsHash: attest.TermsHash(a.Terms), FieldsHash: attest.FieldsHash(a.Fields), Agreed: []uint32{1, 5},
	}
	require.NoError(t, d.Matches(a.ChainID, deal))
	require.ErrorContains(t, d.Matches("panacea-3", deal), "chain_id is not what the chain recorded")
	for name, change := range map[string]func(*pdx.Deal){
		"deal": func(d *pdx.Deal) { d.ID++ }, "pool": func(d *pdx.Deal) { d.Pool++ }, "seller": func(d *pdx.Deal) { d.Seller = "" },
		"buyer": func(d *pdx.Deal) { d.Buyer = "" }, "price": func(d *pdx.Deal) { d.Price++ }, "criteria": func(d *pdx.Deal) { d.Criteria[0]++ },
		"root": func(d *pdx.Deal) { d.Dataset.Root[0]++ }, "terms_hash": func(d *pdx.Deal) { d.TermsHash[0]++ },
		"fields": func(d *pdx.Deal) { d.FieldsHash[0]++ }, "agreed": func(d *pdx.Deal) { d.Agreed = []uint32{1} },
	} {
		other := deal
		change(&other)
		err := d.Matches(a.ChainID, other)
		require.ErrorIs(t, err, pdx.ErrInvalid)
		require.ErrorContains(t, err, name+" is not what the chain recorded")
	}
}

func TestParseRefuses(t *testing.T) {
	raw, err := os.ReadFile(saved)
	require.NoError(t, err)
	good := string(raw)
	for name, text := range map[string]string{
		"nothing": "", "no JSON": "deal 17", "an array": "[" + good + "]", "cut off": good[:len(good)/2],
		"something behind":   good + "{}",
		"another format":     strings.Replace(good, "consent-1", "consent-2", 1),
		"a member more":      strings.Replace(good, "{", `{"note": "",`, 1),
		"a member twice":     strings.Replace(good, "{", `{"title": "Genomes",`, 1),
		"in capitals":        strings.Replace(good, `"title"`, `"Title"`, 1),
		"a number as number": strings.Replace(good, `"deal": "7"`, `"deal": 7`, 1),
		"no base64":          strings.Replace(good, `"signature": "`, `"signature": "*`, 1),
		"too long":           good + strings.Repeat(" ", consent.MaxBytes),
	} {
		_, err := consent.Parse(strings.NewReader(text))
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
	}
}

// TestFHIR checks what FHIR requires of a Consent, and that the record can be had back from it.
func TestFHIR(t *testing.T) {
	d := sign(t, func(a *consent.Agreement) { a.Withdrawn = time.Unix(1_800_000_050, 0) })
	d.Receipt = json.RawMessage(`{}`)
	text, err := d.FHIR()
	require.NoError(t, err)
	var resource struct {
		ResourceType, Status string
		Scope                any
		Category, Policy     []any
		Provision            struct {
			Type      string
			Period    struct{ Start, End string }
			Purpose   []struct{ System, Code string }
			Code      []any
			Provision []struct{ Type string }
		}
		SourceAttachment struct{ Data string }
	}
	require.NoError(t, json.Unmarshal(text, &resource))
	require.Equal(t, "Consent", resource.ResourceType)
	require.Equal(t, "inactive", resource.Status)
	require.NotNil(t, resource.Scope)
	require.NotEmpty(t, resource.Category)
	require.NotEmpty(t, resource.Policy)
	require.Equal(t, "permit", resource.Provision.Type)
	require.Equal(t, "2027-01-15T08:00:50Z", resource.Provision.Period.End)
	require.Len(t, resource.Provision.Code, 2)
	require.Equal(t, "DUO_0000006", resource.Provision.Purpose[0].Code)
	require.Equal(t, "deny", resource.Provision.Provision[1].Type)
	source, err := base64.StdEncoding.DecodeString(resource.SourceAttachment.Data)
	require.NoError(t, err)
	read, err := consent.Parse(bytes.NewReader(source))
	require.NoError(t, err)
	require.NoError(t, read.Verify())
	require.Empty(t, read.Receipt)
	require.Equal(t, "active", statusOf(t, sign(t, nil)))
	require.Equal(t, "inactive", statusOf(t, sign(t, func(a *consent.Agreement) { a.State = "lapsed" })))
	require.Equal(t, "inactive", statusOf(t, sign(t, func(a *consent.Agreement) { a.Made = time.Unix(2_000_000_000, 0) })))
}

func statusOf(t *testing.T, d consent.Document) string {
	t.Helper()
	text, err := d.FHIR()
	require.NoError(t, err)
	var resource struct{ Status string }
	require.NoError(t, json.Unmarshal(text, &resource))
	return resource.Status
}

func FuzzConsent(f *testing.F) {
	good, err := os.ReadFile(filepath.FromSlash(saved))
	require.NoError(f, err)
	honest := sign(f, nil)
	f.Add(good)
	f.Add([]byte(`{"format":"pdx-consent-1","terms":[{"id":1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := consent.Parse(bytes.NewReader(text))
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrInvalid)
			return
		}
		if d.Verify() != nil {
			return
		}
		d.Receipt = nil
		got, err := json.Marshal(d)
		require.NoError(t, err)
		want, err := json.Marshal(honest)
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(got), "nobody else can sign")
	})
}
