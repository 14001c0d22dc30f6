package client_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/client/clienttest"
	"github.com/medibloc/pdx/chain/receipt"
)

var writeReceipt = flag.Bool("write-receipt", false, "write the receipt that the tests of package receipt read")

// TestReceipt takes a receipt from a real chain and reads it without one.
func TestReceipt(t *testing.T) {
	c := newChain(t)
	_, id := clienttest.Certified(t, c)
	certified, err := c.As("other").Deal(t.Context(), id)
	require.NoError(t, err)
	c.Pass(certified.History[len(certified.History)-1].Height+2, time.Time{})
	v := dial(t, c.trusting("other")).Verified()
	want, head, err := v.Deal(t.Context(), id)
	require.NoError(t, err)
	r, err := v.Receipt(t.Context(), id)
	require.NoError(t, err)

	document, err := json.MarshalIndent(r, "", "  ")
	require.NoError(t, err)
	read, err := receipt.Parse(bytes.NewReader(document))
	require.NoError(t, err)
	block, err := read.Block()
	require.NoError(t, err)
	require.Equal(t, c.ChainID(), block.ChainID)
	require.GreaterOrEqual(t, block.Height, head.Height)
	deal, proven, err := client.VerifyReceipt(read, block.Hash)
	require.NoError(t, err)
	require.Equal(t, block, proven)
	want.Fields = nil // a record of their own
	require.Equal(t, want, deal)

	_, err = v.Receipt(t.Context(), 1<<40)
	require.ErrorIs(t, err, pdx.ErrNotFound)
	if *writeReceipt {
		require.NoError(t, os.WriteFile("../receipt/testdata/receipt.json", document, 0o600))
	}
}
