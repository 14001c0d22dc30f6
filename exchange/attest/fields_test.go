package attest_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// hashed is a context.
type hashed interface{ Hash() [32]byte }

var contexts = []hashed{
	attest.Deliver{},
	attest.PoolKey{},
	attest.OfferDataset{},
	attest.Facts{},
	attest.OpenDataset{},
	attest.OpenBlocks{},
	attest.ComplainBlock{},
	attest.ComplainBox{},
	attest.Report{},
}

// change gives a struct's field another value, and fails for kinds it does not
// know: a field added later cannot slip through.
func change(t *testing.T, name string, f reflect.Value) {
	t.Helper()
	switch f.Kind() {
	case reflect.String:
		f.SetString(f.String() + "x")
	case reflect.Uint32, reflect.Uint64:
		f.SetUint(f.Uint() + 1)
	case reflect.Int64:
		f.SetInt(f.Int() + 1)
	case reflect.Array:
		last := f.Index(f.Len() - 1)
		last.SetUint(last.Uint() ^ 0x80)
	case reflect.Slice:
		bytes := append([]byte{}, f.Bytes()...)
		if len(bytes) == 0 {
			bytes = []byte{0}
		}
		bytes[len(bytes)-1] ^= 1
		f.SetBytes(bytes)
	default:
		t.Fatalf("field %s: no way to change a %s", name, f.Kind())
	}
}

// eachField calls check with a copy of v for each field, changed in that field.
func eachField[T any](t *testing.T, v T, check func(field string, changed T)) {
	t.Helper()
	fields := reflect.TypeOf(v)
	for i := range fields.NumField() {
		other := reflect.New(fields).Elem()
		other.Set(reflect.ValueOf(v))
		change(t, fields.Field(i).Name, other.Field(i))
		check(fields.Field(i).Name, other.Interface().(T))
	}
}

func TestEveryFieldOfAContextCounts(t *testing.T) {
	seen := map[[32]byte]string{}
	for _, c := range contexts {
		name := reflect.TypeOf(c).Name()
		require.NotContains(t, seen, c.Hash(), name)
		seen[c.Hash()] = name
		fields := reflect.TypeOf(c)
		for i := range fields.NumField() {
			other := reflect.New(fields).Elem()
			change(t, fields.Field(i).Name, other.Field(i))
			hash := other.Interface().(hashed).Hash()
			require.NotContains(t, seen, hash, "%s.%s", name, fields.Field(i).Name)
			seen[hash] = name + "." + fields.Field(i).Name
		}
	}
}

// TestFieldsDoNotRunTogether moves a character over the border of two fields.
func TestFieldsDoNotRunTogether(t *testing.T) {
	a := attest.Deliver{Seller: "ab", Buyer: "c"}
	b := attest.Deliver{Seller: "a", Buyer: "bc"}
	require.NotEqual(t, a.Hash(), b.Hash())
}

func TestEveryFieldOfADatasetCounts(t *testing.T) {
	want := attest.CertHash(pdx.Dataset{}, pdx.ContentID{}, nil)
	eachField(t, pdx.Dataset{}, func(field string, changed pdx.Dataset) {
		require.NotEqual(t, want, attest.CertHash(changed, pdx.ContentID{}, nil), field)
	})
	require.NotEqual(t, want, attest.CertHash(pdx.Dataset{}, pdx.ContentID{1}, nil), "criteria")
	require.NotEqual(t, want, attest.CertHash(pdx.Dataset{}, pdx.ContentID{}, make([]pdx.Certificate, 1)), "one certificate more")
}

// TestEveryFieldOfADrawCounts: of the offer, of the parts, and of the rank.
func TestEveryFieldOfADrawCounts(t *testing.T) {
	offer := attest.Offered{}
	for name, other := range map[string]attest.Offered{
		"chain": {ChainID: "c"}, "pool": {Pool: 1}, "deal": {Deal: 1}, "seller": {Seller: "s"},
	} {
		require.NotEqual(t, offer.Hash(), other.Hash(), name)
	}
	eachField(t, pdx.Dataset{}, func(field string, changed pdx.Dataset) {
		require.NotEqual(t, offer.Hash(), attest.Offered{Dataset: changed}.Hash(), field)
	})
	eachField(t, attest.Draw{}, func(field string, changed attest.Draw) {
		require.NotEqual(t, attest.Draw{}.Seed(), changed.Seed(), field)
	})
	require.NotEqual(t, attest.DrawRank([32]byte{}, "v"), attest.DrawRank([32]byte{1}, "v"))
	require.NotEqual(t, attest.DrawRank([32]byte{}, "v"), attest.DrawRank([32]byte{}, "w"))
}

func TestFieldsOfACertificate(t *testing.T) {
	hash := func(c ...pdx.Certificate) [32]byte { return attest.CertHash(pdx.Dataset{}, pdx.ContentID{}, c) }
	first := pdx.Certificate{Validator: "v", ExpiryHeight: 1}
	for name, c := range map[string]pdx.Certificate{
		"validator":  {Validator: "w", ExpiryHeight: 1},
		"report":     {Validator: "v", ExpiryHeight: 1, Report: [32]byte{1}},
		"expiry":     {Validator: "v", ExpiryHeight: 2},
		"commission": {Validator: "v", ExpiryHeight: 1, Commission: 1},
	} {
		require.NotEqual(t, hash(first), hash(c), name)
		require.NotEqual(t, hash(first, c), hash(c, first), "order, %s", name)
	}
}

func TestEveryFieldOfABindingCounts(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	binding := newAccount(t).bind(now)
	require.NoError(t, binding.Verify(now))
	eachField(t, binding, func(field string, changed attest.Binding) {
		require.ErrorIs(t, changed.Verify(now), attest.ErrSignature, field)
	})
}
