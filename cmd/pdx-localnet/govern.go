package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"cosmossdk.io/log"
	dbm "github.com/cosmos/cosmos-db"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/chain/localnet"
)

// maxProposal bounds the file of a proposal; the largest message has 68 KB.
const maxProposal = 1 << 20

func (c *cli) governCommand() *cobra.Command {
	var (
		title    string
		patience time.Duration
	)
	cmd := &cobra.Command{
		Use:   "govern FILE",
		Short: "Execute messages by governance: propose, deposit, vote, and wait",
		Long: `Execute messages by the running chain's governance. The faucet proposes and
deposits; operator0, which has all the stake, votes. The command returns when
the voting period has ended and the messages were executed.

FILE (- for standard input) has one message in the chain's JSON, or a list of
them, with the authority ` + string(localnet.GovernanceAddress()) + `.`,
		Example: `  echo '{"@type":"/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade","authority":"` + string(localnet.GovernanceAddress()) +
			`","plan":{"name":"datapool","height":"500"}}' | pdx-localnet govern - --title "Add the exchange"`,
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			msgs, err := c.readMessages(args[0])
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), patience)
			defer cancel()
			if err := localnet.Govern(ctx, c.home, title, msgs...); err != nil {
				return err
			}
			fmt.Fprintln(c.out, "passed and executed")
			return nil
		},
	}
	cmd.Flags().StringVar(&title, "title", "A proposal", "title of the proposal")
	cmd.Flags().DurationVar(&patience, "timeout", 5*time.Minute, "how long to wait for the result of the vote")
	return cmd
}

// readMessages reads one message or a list of them.
func (c *cli) readMessages(file string) ([]sdk.Msg, error) {
	raw, err := c.readFile(file)
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		list = []json.RawMessage{raw}
	}
	scratch, err := os.MkdirTemp("", "pdx-localnet-")
	if err != nil {
		return nil, fmt.Errorf("make scratch directory: %w", err)
	}
	defer os.RemoveAll(scratch)
	a, err := app.New(log.NewNopLogger(), dbm.NewMemDB(), scratch) // it knows every module's messages
	if err != nil {
		return nil, err
	}
	defer a.Close()
	msgs := make([]sdk.Msg, len(list))
	for i, one := range list {
		if err := a.Codec.UnmarshalInterfaceJSON(one, &msgs[i]); err != nil {
			return nil, fmt.Errorf("%s: message %d: %w: %w", file, i+1, pdx.ErrInvalid, err)
		}
	}
	return msgs, nil
}

func (c *cli) readFile(file string) ([]byte, error) {
	in := c.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("read proposal: %w: %w", pdx.ErrInvalid, err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxProposal+1))
	if err != nil {
		return nil, fmt.Errorf("read proposal: %w", err)
	}
	if len(raw) > maxProposal {
		return nil, fmt.Errorf("read proposal: %w: more than %d bytes", pdx.ErrInvalid, maxProposal)
	}
	return raw, nil
}
