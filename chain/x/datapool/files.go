package datapool

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"unicode"

	"github.com/cosmos/gogoproto/proto"
	"github.com/spf13/cobra"
	protov2 "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	msgv1 "cosmossdk.io/api/cosmos/msg/v1"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// GetTxCmd returns the commands of the messages that are given as JSON files, for accounts
// that no node signs for. The SDK adds those of AutoCLIOptions.
func (AppModule) GetTxCmd() *cobra.Command {
	root := &cobra.Command{
		Use: types.ModuleName, Short: "Transactions of the data exchange", DisableFlagParsing: true, RunE: client.ValidateCmd,
	}
	service, err := proto.HybridResolver.FindDescriptorByName("panacea.datapool.v3.Msg")
	if err != nil {
		panic(fmt.Sprintf("datapool: message service: %v", err)) // a fault of the build
	}
	methods := service.(protoreflect.ServiceDescriptor).Methods()
	for i := range methods.Len() {
		if method := methods.Get(i); needsFile(method.Input()) {
			root.AddCommand(fileCommand(method))
		}
	}
	return root
}

// needsFile reports whether a message has a message or a list of bytes in it, for neither of
// which AutoCLI makes a flag.
func needsFile(d protoreflect.MessageDescriptor) bool {
	for i := range d.Fields().Len() {
		field := d.Fields().Get(i)
		if field.Message() != nil || field.IsList() && field.Kind() == protoreflect.BytesKind {
			return true
		}
	}
	return false
}

// fileCommand returns the command of a method, which reads its message from a file.
func fileCommand(method protoreflect.MethodDescriptor) *cobra.Command {
	cmd := &cobra.Command{
		Use:   kebab(string(method.Name())) + " [file.json]",
		Short: fmt.Sprintf("Send %s, as it is in a file", method.Input().Name()),
		Long: fmt.Sprintf("Sends a %s that a file has as JSON, or writes the transaction with --generate-only.\n"+
			"The signer may be left out: it is the account of --from.", method.Input().FullName()),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			clientCtx, err := client.GetClientTxContext(cmd)
			if err != nil {
				return err
			}
			msg, err := readMessage(clientCtx, method.Input(), args[0])
			if err != nil {
				return err
			}
			return tx.GenerateOrBroadcastTxCLI(clientCtx.WithOutput(cmd.OutOrStdout()), cmd.Flags(), msg)
		},
	}
	flags.AddTxFlagsToCmd(cmd)
	return cmd
}

// readMessage reads a message from a file and checks what needs no state.
func readMessage(clientCtx client.Context, d protoreflect.MessageDescriptor, path string) (sdk.Msg, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, fmt.Errorf("%s is not a JSON object: %w", path, err)
	}
	signer := protov2.GetExtension(d.Options(), msgv1.E_Signer).([]string)[0]
	if _, named := fields[signer]; !named {
		fields[signer], _ = json.Marshal(clientCtx.GetFromAddress().String()) // a text can be written
		if raw, err = json.Marshal(fields); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	msg, err := clientCtx.InterfaceRegistry.Resolve("/" + string(d.FullName()))
	if err != nil {
		return nil, err
	}
	if err := clientCtx.Codec.UnmarshalJSON(raw, msg); err != nil {
		return nil, fmt.Errorf("%s is not a %s: %w", path, d.FullName(), err)
	}
	return msg, nil
}

// kebab returns a name in lower case with a dash before each capital.
func kebab(name string) string {
	var text strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			text.WriteByte('-')
		}
		text.WriteRune(unicode.ToLower(r))
	}
	return text.String()
}
