package types_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"cosmossdk.io/api/amino"
	gogoproto "github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/codec"
	cdctypes "github.com/cosmos/cosmos-sdk/codec/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// TestEveryMessageIsRegistered holds both registries against the service.
func TestEveryMessageIsRegistered(t *testing.T) {
	registry := cdctypes.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	legacy := codec.NewLegacyAmino()
	types.RegisterLegacyAminoCodec(legacy)

	descriptor, err := gogoproto.HybridResolver.FindDescriptorByName("panacea.datapool.v3.Msg")
	require.NoError(t, err)
	methods := descriptor.(protoreflect.ServiceDescriptor).Methods()
	require.Len(t, messages(), methods.Len())
	for i := range methods.Len() {
		input := methods.Get(i).Input()
		resolved, err := registry.Resolve("/" + string(input.FullName()))
		require.NoError(t, err)
		msg := resolved

		name := proto.GetExtension(input.Options(), amino.E_Name).(string)
		require.True(t, strings.HasPrefix(name, "datapool/Msg"))
		raw, err := legacy.MarshalJSON(msg)
		require.NoError(t, err)
		require.Contains(t, string(raw), `"type":"`+name+`"`, "amino name of %s", input.FullName())
	}
}

func TestEveryErrorSaysWhoseFaultItIs(t *testing.T) {
	known := []error{pdx.ErrInvalid, pdx.ErrNotFound, pdx.ErrRefused, pdx.ErrWrongState, pdx.ErrNoFunds, pdx.ErrUnavailable, pdx.ErrCorrupt}
	count := 0
	for code := range uint32(1000) {
		if sentinel := types.Sentinel(code); sentinel != nil {
			require.Contains(t, known, sentinel)
			count++
		}
	}
	require.Greater(t, count, 60)
	require.NoError(t, types.Sentinel(1), "code 1 is the SDK's")
	require.ErrorIs(t, types.Sentinel(types.ErrPoolFull.ABCICode()), pdx.ErrWrongState)
}
