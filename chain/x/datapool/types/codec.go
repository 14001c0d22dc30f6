package types

import (
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	cdctypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterInterfaces registers the module's messages.
func RegisterInterfaces(registry cdctypes.InterfaceRegistry) {
	registry.RegisterImplementations((*sdk.Msg)(nil),
		&MsgUpdateParams{},
		&MsgRegisterValidator{},
		&MsgUpdateValidator{},
		&MsgAddBond{},
		&MsgSetCommission{},
		&MsgUnbond{},
		&MsgUnjail{},
		&MsgCreatePool{},
		&MsgClosePool{},
		&MsgOffer{},
		&MsgCertify{},
		&MsgAck{},
		&MsgDefaultAck{},
		&MsgDeliver{},
		&MsgComplain{},
		&MsgFinalize{},
		&MsgExpire{},
		&MsgWithdraw{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}

// RegisterLegacyAminoCodec registers the messages' amino names, which hardware
// wallets sign over; they are the amino.name options of tx.proto.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "datapool/MsgUpdateParams")
	legacy.RegisterAminoMsg(cdc, &MsgRegisterValidator{}, "datapool/MsgRegisterValidator")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateValidator{}, "datapool/MsgUpdateValidator")
	legacy.RegisterAminoMsg(cdc, &MsgAddBond{}, "datapool/MsgAddBond")
	legacy.RegisterAminoMsg(cdc, &MsgSetCommission{}, "datapool/MsgSetCommission")
	legacy.RegisterAminoMsg(cdc, &MsgUnbond{}, "datapool/MsgUnbond")
	legacy.RegisterAminoMsg(cdc, &MsgUnjail{}, "datapool/MsgUnjail")
	legacy.RegisterAminoMsg(cdc, &MsgCreatePool{}, "datapool/MsgCreatePool")
	legacy.RegisterAminoMsg(cdc, &MsgClosePool{}, "datapool/MsgClosePool")
	legacy.RegisterAminoMsg(cdc, &MsgOffer{}, "datapool/MsgOffer")
	legacy.RegisterAminoMsg(cdc, &MsgCertify{}, "datapool/MsgCertify")
	legacy.RegisterAminoMsg(cdc, &MsgAck{}, "datapool/MsgAck")
	legacy.RegisterAminoMsg(cdc, &MsgDefaultAck{}, "datapool/MsgDefaultAck")
	legacy.RegisterAminoMsg(cdc, &MsgDeliver{}, "datapool/MsgDeliver")
	legacy.RegisterAminoMsg(cdc, &MsgComplain{}, "datapool/MsgComplain")
	legacy.RegisterAminoMsg(cdc, &MsgFinalize{}, "datapool/MsgFinalize")
	legacy.RegisterAminoMsg(cdc, &MsgExpire{}, "datapool/MsgExpire")
	legacy.RegisterAminoMsg(cdc, &MsgWithdraw{}, "datapool/MsgWithdraw")
}
