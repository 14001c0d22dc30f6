package types_test

import (
	"reflect"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// TestEventOfIsTheTypedEvent compares each event of the module, with nothing in it and with
// values that JSON writes in different ways, with what the SDK makes of it.
func TestEventOfIsTheTypedEvent(t *testing.T) {
	file, err := proto.HybridResolver.FindFileByPath("panacea/datapool/v3/events.proto")
	require.NoError(t, err)
	events := file.Messages()
	require.Greater(t, events.Len(), 15)
	for i := range events.Len() {
		kind := proto.MessageType(string(events.Get(i).FullName()))
		for n, text := range []string{"", "panacea1abc", "<a>&\"b\\c\"\n\u00e4\u2028\x7f"} {
			event := reflect.New(kind.Elem())
			fillEvent(event.Elem(), n, text)
			got, err := types.EventOf(event.Interface().(proto.Message))
			require.NoError(t, err, kind)
			want, err := sdk.TypedEventToEvent(event.Interface().(proto.Message))
			require.NoError(t, err, kind)
			require.Equal(t, want, got)
		}
	}
}

// fillEvent sets every field of an event, those that are numbers to n: of an enum that is a value
// with a name.
func fillEvent(event reflect.Value, n int, text string) {
	for i := range event.NumField() {
		switch f := event.Field(i); f.Kind() {
		case reflect.Uint64, reflect.Uint32:
			f.SetUint(uint64(n))
		case reflect.Int64, reflect.Int32:
			f.SetInt(int64(n))
		case reflect.Bool:
			f.SetBool(n > 0)
		case reflect.String:
			f.SetString(text)
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{text, text}[:n]))
		}
	}
}
