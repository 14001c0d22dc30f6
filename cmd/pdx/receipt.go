package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/receipt"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) receiptCommand() *cobra.Command {
	return a.group("receipt", a.receiptSaveCommand(), a.receiptVerifyCommand())
}

func (a *app) receiptSaveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "save DEAL FILE", Args: a.exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParseDealID(args[0])
			if err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.GetReceipt(cmd.Context(), &nodepb.GetReceiptRequest{DealId: uint64(id)})
			if err != nil {
				return err
			}
			document, err := receipt.Parse(strings.NewReader(string(res.Document)))
			if err != nil {
				return err
			}
			block, err := document.Block()
			if err != nil {
				return err
			}
			if err := writeNew(args[1], append(res.Document, '\n')); err != nil {
				return err
			}
			if a.json {
				return a.line(withBlock(map[string]any{"file": args[1], "deal_id": id}, block))
			}
			p := a.printer(a.out)
			p.say("receipt.saved", "file", args[1], "deal", id)
			p.block(block)
			return nil
		},
	}
}

// writeNew writes a file that was not there.
func writeNew(name string, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func (a *app) receiptVerifyCommand() *cobra.Command {
	var hash string
	cmd := &cobra.Command{
		Use: "verify FILE", Args: a.exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer file.Close()
			document, err := receipt.Parse(file)
			if err != nil {
				return err
			}
			trusted, err := a.blockHash(document, hash)
			if err != nil {
				return err
			}
			deal, block, err := client.VerifyReceipt(document, trusted)
			if err != nil {
				return err
			}
			if a.json {
				return a.showWith(api.FromDeal(deal), withBlock(map[string]any{}, block), nil)
			}
			p := a.printer(a.out)
			p.say("receipt.proven", "deal", deal.ID)
			p.block(block)
			p.deal(api.FromDeal(deal))
			return nil
		},
	}
	cmd.Flags().StringVar(&hash, "hash", "", "")
	return cmd
}

// blockHash reads the hash that the caller trusts. Without one it says which is needed.
func (a *app) blockHash(document receipt.Receipt, hash string) (trusted [32]byte, err error) {
	block, err := document.Block()
	if err != nil {
		return trusted, err
	}
	raw, err := hex.DecodeString(hash)
	switch {
	case hash == "":
		return trusted, a.fail(errUsage, "receipt.which", "height", block.Height, "chain", block.ChainID)
	case err != nil || len(raw) != len(trusted):
		return trusted, a.fail(errUsage, "receipt.hash", "given", hash)
	}
	return [32]byte(raw), nil
}

func (p printer) block(b receipt.Block) {
	p.facts("block", fmt.Sprintf("%d, %s, %s", b.Height, b.ChainID, when(b.Time)), "hash", strings.ToUpper(hex.EncodeToString(b.Hash[:])))
}

// withBlock adds the block of a receipt to the members of an answer in JSON.
func withBlock(members map[string]any, b receipt.Block) map[string]any {
	members["chain_id"], members["block_height"], members["block_time"] = b.ChainID, b.Height, b.Time
	members["block_hash"] = strings.ToUpper(hex.EncodeToString(b.Hash[:]))
	return members
}
