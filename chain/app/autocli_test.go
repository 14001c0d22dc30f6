package app_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	msgv1 "cosmossdk.io/api/cosmos/msg/v1"
	errorsmod "cosmossdk.io/errors"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/crypto/keys/multisig"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	protov2 "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	cryptomulti "github.com/cosmos/cosmos-sdk/crypto/types/multisig"

	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/chain/app/apptest"
	"github.com/medibloc/pdx/chain/x/datapool"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// generate runs a command of tx datapool with --generate-only and returns the transaction.
func generate(t *testing.T, a *app.App, from sdk.AccAddress, args ...string) (tx sdk.Tx, raw []byte, err error) {
	t.Helper()
	options := a.AutoCLI()
	clientCtx := client.Context{}.WithCodec(a.Codec).WithInterfaceRegistry(a.Registry).WithTxConfig(a.TxConfig).
		WithLegacyAmino(a.Amino).WithHomeDir(t.TempDir()).WithAccountRetriever(client.MockAccountRetriever{})
	options.ClientCtx = clientCtx
	var out bytes.Buffer
	root := &cobra.Command{
		Use: "panacead", SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			set, err := client.ReadPersistentCommandFlags(clientCtx.WithCmdContext(cmd.Context()), cmd.Flags())
			if err != nil {
				return err
			}
			return client.SetCmdClientContextHandler(set, cmd)
		},
	}
	root.SetOut(&out)
	require.NoError(t, options.EnhanceRootCommand(root))
	root.SetArgs(append(append([]string{"tx", "datapool"}, args...), "--from", from.String(), "--generate-only", "--offline",
		"--account-number", "0", "--sequence", "0", "--gas", fmt.Sprint(apptest.Gas), "--fees", fmt.Sprintf("%dumed", 5*apptest.Gas)))
	ctx := context.WithValue(context.Background(), client.ClientContextKey, &clientCtx)
	if err := root.ExecuteContext(ctx); err != nil {
		return nil, nil, err
	}
	tx, err = a.TxConfig.TxJSONDecoder()(out.Bytes())
	require.NoError(t, err, out.String())
	return tx, out.Bytes(), nil
}

// filled returns a message in which every field is set, and what a command line says for it.
func filled(
	d protoreflect.MessageDescriptor, signer protoreflect.Name, from string, positional []string,
) (*dynamicpb.Message, []string) {
	m, byName, order := dynamicpb.NewMessage(d), map[string][]string{}, []string{}
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		name := string(f.Name())
		if f.Name() == signer {
			m.Set(f, protoreflect.ValueOfString(from))
			continue
		}
		v := valueOf(f, from, 0)
		m.Set(f, v)
		order = append(order, name)
		if f.IsList() {
			for j := range v.List().Len() {
				byName[name] = append(byName[name], told(f, v.List().Get(j)))
			}
			continue
		}
		byName[name] = []string{told(f, v)}
	}
	var args []string
	for _, name := range positional {
		args = append(args, byName[name]...)
		delete(byName, name)
	}
	for _, name := range order {
		for _, text := range byName[name] {
			args = append(args, "--"+strings.ReplaceAll(name, "_", "-")+"="+text)
		}
	}
	return m, args
}

// valueOf returns a value of a field that is not zero.
func valueOf(f protoreflect.FieldDescriptor, account string, depth int) protoreflect.Value {
	if f.IsList() {
		m := dynamicpb.NewMessage(f.ContainingMessage())
		list := m.Mutable(f).List()
		list.Append(scalarOf(f, account, depth))
		return protoreflect.ValueOfList(list)
	}
	return scalarOf(f, account, depth)
}

func scalarOf(f protoreflect.FieldDescriptor, account string, depth int) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.StringKind:
		if strings.Contains(fmt.Sprint(f.Options()), "AddressString") {
			return protoreflect.ValueOfString(account)
		}
		return protoreflect.ValueOfString("7")
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(bytes.Repeat([]byte{0xa7}, 32))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(7)
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(7)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(7)
	case protoreflect.MessageKind:
		m := dynamicpb.NewMessage(f.Message())
		switch f.Message().FullName() {
		case "google.protobuf.Timestamp", "google.protobuf.Duration":
			m.Set(f.Message().Fields().ByName("seconds"), protoreflect.ValueOfInt64(3600))
		case "cosmos.base.v1beta1.Coin":
			m.Set(f.Message().Fields().ByName("denom"), protoreflect.ValueOfString("umed"))
			m.Set(f.Message().Fields().ByName("amount"), protoreflect.ValueOfString("7"))
		default:
			for i := range f.Message().Fields().Len() {
				inner := f.Message().Fields().Get(i)
				m.Set(inner, valueOf(inner, account, depth+1))
			}
		}
		return protoreflect.ValueOfMessage(m)
	}
	panic(fmt.Sprintf("a field of kind %s", f.Kind()))
}

// told is how a value is given to a command.
func told(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch f.Kind() {
	case protoreflect.BytesKind:
		return hex.EncodeToString(v.Bytes())
	case protoreflect.EnumKind:
		name := string(f.Enum().Values().ByNumber(v.Enum()).Name())
		prefix := ""
		for i, r := range string(f.Enum().Name()) {
			if i > 0 && r >= 'A' && r <= 'Z' {
				prefix += "_"
			}
			prefix += strings.ToUpper(string(r))
		}
		return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, prefix+"_")), "_", "-")
	case protoreflect.MessageKind:
		return "" // it is given as a file
	}
	return fmt.Sprint(v.Interface())
}

// TestEveryMessageHasACommand makes each message of the service, every field set, on the
// command line, with files for what is a message itself.
func TestEveryMessageHasACommand(t *testing.T) {
	a := newApp(t)
	from, err := sdk.AccAddressFromBech32(string(datapooltest.Account("custody")))
	require.NoError(t, err)
	service, err := proto.HybridResolver.FindDescriptorByName("panacea.datapool.v3.Msg")
	require.NoError(t, err)
	options := map[string]*autocliv1.RpcCommandOptions{}
	for _, option := range (datapool.AppModule{}).AutoCLIOptions().Tx.RpcCommandOptions {
		options[option.RpcMethod] = option
	}
	methods := service.(protoreflect.ServiceDescriptor).Methods()
	for i := range methods.Len() {
		method := methods.Get(i)
		t.Run(string(method.Name()), func(t *testing.T) {
			input, option := method.Input(), options[string(method.Name())]
			var positional []string
			for _, arg := range option.PositionalArgs {
				positional = append(positional, arg.ProtoField)
			}
			want, args := filled(input, signerOf(input), from.String(), positional)
			command, _, _ := strings.Cut(option.Use, " ")
			if option.Skip { // it is given as a file
				args, command = []string{written(t, want, signerOf(input))}, kebab(string(method.Name()))
			}
			tx, _, err := generate(t, a, from, append([]string{command}, args...)...)
			if space, code, _ := errorsmod.ABCIInfo(err, false); option.Skip && err != nil {
				require.Equal(t, types.ModuleName, space, "it was read, and refused before anybody signs: %v", err)
				require.NotNil(t, types.Sentinel(code))
				return
			}
			require.NoError(t, err)
			require.Len(t, tx.GetMsgs(), 1)
			raw, err := proto.Marshal(tx.GetMsgs()[0])
			require.NoError(t, err)
			got := dynamicpb.NewMessage(input)
			require.NoError(t, protov2.Unmarshal(raw, got))
			require.True(t, protov2.Equal(want, got), "%v\n%v", want, got)
		})
	}
}

// written writes a message without its signer into a file.
func written(t *testing.T, m *dynamicpb.Message, signer protoreflect.Name) string {
	t.Helper()
	unsigned := protov2.Clone(m).(*dynamicpb.Message)
	unsigned.Clear(m.Descriptor().Fields().ByName(signer))
	raw, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(unsigned)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "message.json")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	return path
}

func kebab(name string) string {
	return strings.ToLower(regexp.MustCompile(`(.)([A-Z])`).ReplaceAllString(name, "$1-$2"))
}

// signerOf returns the name of the field that signs a message.
func signerOf(d protoreflect.MessageDescriptor) protoreflect.Name {
	return protoreflect.Name(protov2.GetExtension(d.Options(), msgv1.E_Signer).([]string)[0])
}

// TestACommitteeRegisters has an account of two of three keys register, without any
// node: the transaction is generated, signed apart in the mode of hardware wallets, and joined.
func TestACommitteeRegisters(t *testing.T) {
	c := apptest.New(t, dbm.NewMemDB(), types.DefaultParams(), []string{"donor"})
	var keys []*secp256k1.PrivKey
	var public []cryptotypes.PubKey
	for _, name := range []string{"one", "two", "three"} {
		key := secp256k1.GenPrivKeyFromSecret([]byte(name))
		keys, public = append(keys, key), append(public, key.PubKey())
	}
	committee := multisig.NewLegacyAminoPubKey(2, public)
	address := sdk.AccAddress(committee.Address())
	donor := datapooltest.Account("donor")
	c.Block(c.Sign(donor, &banktypes.MsgSend{
		FromAddress: string(donor), ToAddress: address.String(), Amount: sdk.NewCoins(datapooltest.Coin(apptest.Wealth / 2)),
	}))
	number := c.Account.GetAccount(c.NewContext(true), address).GetAccountNumber()
	sent := func(sequence uint64, args ...string) []byte {
		_, raw, err := generate(t, c.App, address, args...)
		require.NoError(t, err)
		return joined(t, c, committee, keys[1:], authsigning.SignerData{
			Address: address.String(), ChainID: apptest.ID, AccountNumber: number, Sequence: sequence, PubKey: committee,
		}, raw)
	}
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "message.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	c.Block(sent(0, "register-validator", file(`{"bond": {"denom": "umed", "amount": "1000000000"}, "commission_bp": 100,
		"max_commission_bp": 1000, "max_commission_change_bp": 100, "peer_id": "12D3KooWcustody", "moniker": "custody"}`)))
	c.Block(sent(1, "add-bond", file(`{"amount": {"denom": "umed", "amount": "5"}}`)))
	c.Block(sent(2, "set-commission", "150"))
	var v types.Validator
	for _, stored := range exported(t, c).Validators {
		v = stored
	}
	require.Equal(t, address.String(), v.Address)
	require.Equal(t, "1000000005", v.Bond.String())
	require.EqualValues(t, 150, v.CommissionBp)
}

func exported(t *testing.T, c *apptest.Chain) types.GenesisState {
	t.Helper()
	g, err := c.Datapool.ExportGenesis(c.NewContext(true))
	require.NoError(t, err)
	return *g
}

// joined signs a transaction that was generated as JSON with some of the keys.
func joined(
	t *testing.T, c *apptest.Chain, committee *multisig.LegacyAminoPubKey, keys []*secp256k1.PrivKey,
	signer authsigning.SignerData, raw []byte,
) []byte {
	t.Helper()
	require.True(t, json.Valid(raw))
	tx, err := c.TxConfig.TxJSONDecoder()(raw)
	require.NoError(t, err)
	builder, err := c.TxConfig.WrapTxBuilder(tx)
	require.NoError(t, err)
	all := cryptomulti.NewMultisig(3)
	for _, key := range keys {
		terms, err := authsigning.GetSignBytesAdapter(t.Context(), c.TxConfig.SignModeHandler(),
			signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON, signer, builder.GetTx())
		require.NoError(t, err)
		signed, err := key.Sign(terms)
		require.NoError(t, err)
		single := &signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON, Signature: signed}
		require.NoError(t, cryptomulti.AddSignatureFromPubKey(all, single, key.PubKey(), committee.GetPubKeys()))
	}
	require.NoError(t, builder.SetSignatures(signing.SignatureV2{PubKey: committee, Data: all, Sequence: signer.Sequence}))
	encoded, err := c.TxConfig.TxEncoder()(builder.GetTx())
	require.NoError(t, err)
	return encoded
}
