package types

import (
	"reflect"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"cosmossdk.io/api/amino"
	gogoproto "github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	cdctypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterInterfaces registers the messages of the service Msg and their responses.
func RegisterInterfaces(registry cdctypes.InterfaceRegistry) {
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}

// RegisterLegacyAminoCodec registers the messages of the service Msg under their amino
// names, over which hardware wallets sign: the option amino.name, which every message of
// tx.proto has.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	service, err := gogoproto.HybridResolver.FindDescriptorByName(protoreflect.FullName(_Msg_serviceDesc.ServiceName))
	if err != nil {
		panic(err)
	}
	methods := service.(protoreflect.ServiceDescriptor).Methods()
	for i := range methods.Len() {
		input := methods.Get(i).Input()
		msg := reflect.New(gogoproto.MessageType(string(input.FullName())).Elem()).Interface().(sdk.Msg)
		legacy.RegisterAminoMsg(cdc, msg, proto.GetExtension(input.Options(), amino.E_Name).(string))
	}
}
