package keeper_test

import (
	"encoding/binary"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	storetypes "cosmossdk.io/store/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// number returns the store key of a pool or a deal.
func number(prefix []byte, id uint64) []byte { return binary.BigEndian.AppendUint64(prefix, id) }

// rewrite changes a deal behind the keeper's back, its indexes untouched.
func rewrite(t *testing.T, m *datapooltest.Market, id uint64, change func(*types.Deal)) {
	t.Helper()
	deal := m.Deal(id)
	change(&deal)
	raw, err := proto.Marshal(&deal)
	require.NoError(t, err)
	m.Damage(func(s storetypes.KVStore) { s.Set(number(types.DealsPrefix.Bytes(), id), raw) })
}

// forget removes a validator's record behind the keeper's back.
func forget(m *datapooltest.Market, account pdx.Address) {
	m.Damage(func(s storetypes.KVStore) { s.Delete(append(types.ValidatorsPrefix.Bytes(), account...)) })
}
