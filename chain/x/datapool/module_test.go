package datapool_test

import (
	"encoding/json"
	"testing"

	gogoproto "github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/cosmos/cosmos-sdk/codec"
	cdctypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func newCodec() codec.Codec {
	registry := cdctypes.NewInterfaceRegistry()
	types.RegisterInterfaces(registry)
	return codec.NewProtoCodec(registry)
}

// TestGenesisSurvivesJSON takes a state with a deal through the file that a
// chain starts from.
func TestGenesisSurvivesJSON(t *testing.T) {
	cdc := newCodec()
	m := datapooltest.NewMarket(t, 2)
	m.DealIn(types.DEAL_STATE_FINAL)
	m.DealIn(types.DEAL_STATE_DELIVERED)
	var file json.RawMessage
	require.NoError(t, m.Read(func(ctx sdk.Context, _ types.QueryServer) error {
		file = datapool.NewAppModule(cdc, m.Keeper, nil).ExportGenesis(ctx, cdc)
		return nil
	}))
	module := datapool.NewAppModule(cdc, m.Keeper, nil)
	require.NoError(t, module.ValidateGenesis(cdc, nil, file))

	fresh := datapooltest.New(datapooltest.Config{ModuleHolding: m.Held(), Start: m.Head().Time, Height: m.Head().Height + 1})
	again := datapool.NewAppModule(cdc, fresh.Keeper, nil)
	require.NoError(t, fresh.Read(func(ctx sdk.Context, _ types.QueryServer) error {
		again.InitGenesis(ctx, cdc, file)
		require.JSONEq(t, string(file), string(again.ExportGenesis(ctx, cdc)))
		return fresh.Keeper.CheckInvariants(ctx)
	}))
}

func TestModuleRefusesABadGenesis(t *testing.T) {
	cdc := newCodec()
	module := datapool.NewAppModule(cdc, datapooltest.New(datapooltest.Config{}).Keeper, nil)
	require.NoError(t, module.ValidateGenesis(cdc, nil, module.DefaultGenesis(cdc)))
	require.Error(t, module.ValidateGenesis(cdc, nil, json.RawMessage(`{"pools": 1}`)))
	require.ErrorIs(t, module.ValidateGenesis(cdc, nil, json.RawMessage(`{}`)), types.ErrParams)
}

// TestCommandLineNamesWhatTheServicesHave wants every method named once, and
// only fields that its request has.
func TestCommandLineNamesWhatTheServicesHave(t *testing.T) {
	options := datapool.AppModule{}.AutoCLIOptions()
	for _, service := range []*autocliv1.ServiceCommandDescriptor{options.Query, options.Tx} {
		descriptor, err := gogoproto.HybridResolver.FindDescriptorByName(protoreflect.FullName(service.Service))
		require.NoError(t, err)
		methods := descriptor.(protoreflect.ServiceDescriptor).Methods()
		named := map[string]bool{}
		for _, command := range service.RpcCommandOptions {
			require.False(t, named[command.RpcMethod], command.RpcMethod)
			named[command.RpcMethod] = true
			method := methods.ByName(protoreflect.Name(command.RpcMethod))
			require.NotNil(t, method, command.RpcMethod)
			for _, arg := range command.PositionalArgs {
				require.NotNil(t, method.Input().Fields().ByName(protoreflect.Name(arg.ProtoField)), "%s of %s", arg.ProtoField, command.RpcMethod)
			}
		}
		for i := range methods.Len() {
			require.True(t, named[string(methods.Get(i).Name())], "autocli.go has no line for %s", methods.Get(i).FullName())
		}
	}
}
