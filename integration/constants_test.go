package integration_test

import (
	"testing"

	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/buyer"
)

// TestConstants compares what is declared twice because its packages may not import
// each other.
func TestConstants(t *testing.T) {
	require.EqualValues(t, seal.SegmentSize, bao.SegmentSize, "bytes of a segment")
	require.EqualValues(t, types.MaxDatasetSize, bao.MaxSize, "bytes of a ciphertext")
	require.EqualValues(t, types.MaxDisclosedFields, criteria.MaxFields, "disclosed fields")
	require.EqualValues(t, types.MaxFieldLen, criteria.MaxPointerBytes, "bytes of a field's pointer")
	require.EqualValues(t, types.MaxAcks, buyer.MaxAcks, "deals in one acknowledgement")
}

// requireTimeouts looks at how long the transactions of a market could have
// waited: less than the buyer takes them to. What is known of the height at
// which one was sent is that it came before the block that took it.
func requireTimeouts(t *testing.T, m *market.Market, after int64) {
	t.Helper()
	head, err := m.Chain.Head(t.Context())
	require.NoError(t, err)
	txs, err := m.Transactions(t.Context(), after, head.Height)
	require.NoError(t, err)
	require.NotEmpty(t, txs)
	for _, found := range txs {
		var tx txtypes.Tx
		require.NoError(t, tx.Unmarshal(found.Raw))
		require.NotZero(t, tx.Body.TimeoutHeight)
		require.Less(t, int64(tx.Body.TimeoutHeight)-found.Height, int64(buyer.SettleBlocks))
	}
}
