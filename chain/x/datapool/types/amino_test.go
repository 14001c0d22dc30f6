package types_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"cosmossdk.io/math"
	"cosmossdk.io/x/tx/signing/aminojson"
	gogoproto "github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

var update = flag.Bool("update", false, "write the golden files anew")

const aminoGolden = "testdata/amino.json"

// longestAminoName is what a Ledger shows; it refuses longer ones.
const longestAminoName = 39

// TestAminoJSON holds every message, empty and with all fields set, in the two ways
// in which the SDK writes what is signed in SIGN_MODE_LEGACY_AMINO_JSON, and both
// against the golden file, from which other implementations make converters.
func TestAminoJSON(t *testing.T) {
	legacy := codec.NewLegacyAmino()
	types.RegisterLegacyAminoCodec(legacy)
	encoder := aminojson.NewEncoder(aminojson.EncoderOptions{})
	got := map[string]json.RawMessage{}
	for name, of := range messages() {
		for kind, msg := range map[string]sdk.Msg{"empty": empty(of), "full": filled(of)} {
			old, err := legacy.MarshalJSON(msg)
			require.NoError(t, err)
			raw, err := encoder.Marshal(dynamic(t, msg))
			require.NoError(t, err)
			require.JSONEq(t, string(old), string(raw), "%s, %s", name, kind)
			require.Equal(t, string(sdk.MustSortJSON(old)), string(sdk.MustSortJSON(raw)))

			back := reflect.New(of).Interface().(sdk.Msg)
			require.NoError(t, legacy.UnmarshalJSON(old, back))
			again, err := legacy.MarshalJSON(back)
			require.NoError(t, err)
			require.Equal(t, string(old), string(again), "the round trip of %s, %s", name, kind)

			var amino struct{ Type string }
			require.NoError(t, json.Unmarshal(raw, &amino))
			require.LessOrEqual(t, len(amino.Type), longestAminoName, "a Ledger refuses %s", amino.Type)
			got[name+" "+kind] = sdk.MustSortJSON(raw)
		}
	}
	for name, expiry := range signedTimes {
		got["time, "+name] = aminoTime(t, legacy, encoder, expiry)
	}
	compareGolden(t, got)
}

// signedTimes are what a converter must write other than a language's own notation
// may: without a fraction, and without the zeros at the end of one.
var signedTimes = map[string]time.Time{
	"a whole second": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	"half a second":  time.Date(2026, 1, 2, 3, 4, 5, 500_000_000, time.UTC),
	"two digits":     time.Date(2026, 1, 2, 3, 4, 5, 120_000_000, time.UTC),
	"one nanosecond": time.Date(2026, 1, 2, 3, 4, 5, 1, time.UTC),
}

// aminoTime returns a MsgCreatePool that has no other content than an expiry.
func aminoTime(t *testing.T, legacy *codec.LegacyAmino, encoder aminojson.Encoder, expiry time.Time) json.RawMessage {
	t.Helper()
	msg := empty(reflect.TypeFor[types.MsgCreatePool]()).(*types.MsgCreatePool)
	msg.ExpiryTime = expiry
	old, err := legacy.MarshalJSON(msg)
	require.NoError(t, err)
	raw, err := encoder.Marshal(dynamic(t, msg))
	require.NoError(t, err)
	require.Equal(t, string(sdk.MustSortJSON(old)), string(sdk.MustSortJSON(raw)))
	return sdk.MustSortJSON(raw)
}

func compareGolden(t *testing.T, got map[string]json.RawMessage) {
	t.Helper()
	if *update {
		raw, err := json.MarshalIndent(got, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(aminoGolden, append(raw, '\n'), 0o600))
	}
	raw, err := os.ReadFile(aminoGolden)
	require.NoError(t, err)
	var want map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &want))
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
	for name := range want {
		var compact bytes.Buffer
		require.NoError(t, json.Compact(&compact, want[name]))
		require.Equal(t, compact.String(), string(got[name]), name)
	}
}

// dynamic returns a message as x/tx reads it from a transaction.
func dynamic(t *testing.T, msg sdk.Msg) proto.Message {
	t.Helper()
	raw, err := gogoproto.Marshal(msg)
	require.NoError(t, err)
	descriptor, err := gogoproto.HybridResolver.FindDescriptorByName(protoreflect.FullName(gogoproto.MessageName(msg)))
	require.NoError(t, err)
	out := dynamicpb.NewMessage(descriptor.(protoreflect.MessageDescriptor))
	require.NoError(t, proto.Unmarshal(raw, out))
	return out
}

// empty returns a message with nothing in it but the numbers that cannot be absent.
func empty(of reflect.Type) sdk.Msg {
	msg := reflect.New(of)
	zeroInts(msg.Elem())
	return msg.Interface().(sdk.Msg)
}

func zeroInts(v reflect.Value) {
	if v.Type() == reflect.TypeFor[math.Int]() {
		v.Set(reflect.ValueOf(math.ZeroInt()))
		return
	}
	if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() {
		for i := range v.NumField() {
			zeroInts(v.Field(i))
		}
	}
}

// filled returns a message with something in every field.
func filled(of reflect.Type) sdk.Msg {
	msg := reflect.New(of)
	fill(msg.Elem(), 1)
	return msg.Interface().(sdk.Msg)
}

func fill(v reflect.Value, n int) {
	switch v.Interface().(type) {
	case math.Int:
		v.Set(reflect.ValueOf(math.NewInt(int64(1000 + n))))
		return
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 670_000_000+n, time.UTC)))
		return
	case []byte:
		v.SetBytes(bytes.Repeat([]byte{byte(0xf0 + n)}, 5))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text <&> " + string(rune('a'+n)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(n%2 + 1))
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(n + 1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n+1)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), i+1)
		}
	default:
		panic("no value for a " + v.Kind().String())
	}
}
