package app

import (
	"fmt"

	"cosmossdk.io/x/tx/signing"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/std"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	"github.com/cosmos/gogoproto/proto"

	"github.com/medibloc/pdx"
)

// Encoding is how the chain writes messages, transactions and addresses.
type Encoding struct {
	Codec    codec.Codec
	Amino    *codec.LegacyAmino
	Registry codectypes.InterfaceRegistry
	TxConfig client.TxConfig
}

// The three address forms.
var (
	accountAddress   = address.NewBech32Codec(pdx.AddressPrefix)
	validatorAddress = address.NewBech32Codec(pdx.AddressPrefix + "valoper")
	consensusAddress = address.NewBech32Codec(pdx.AddressPrefix + "valcons")
)

// NewEncoding returns an encoding of the SDK's own types. New adds those of the modules to
// an App's.
func NewEncoding() (Encoding, error) {
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          accountAddress,
			ValidatorAddressCodec: validatorAddress,
		},
	})
	if err != nil {
		return Encoding{}, fmt.Errorf("make interface registry: %w", err)
	}
	if err := registry.SigningContext().Validate(); err != nil {
		return Encoding{}, fmt.Errorf("a message names no signer: %w", err)
	}
	cdc := codec.NewProtoCodec(registry)
	amino := codec.NewLegacyAmino()
	std.RegisterLegacyAminoCodec(amino)
	std.RegisterInterfaces(registry)
	return Encoding{
		Codec:    cdc,
		Amino:    amino,
		Registry: registry,
		TxConfig: authtx.NewTxConfig(cdc, authtx.DefaultSignModes),
	}, nil
}
