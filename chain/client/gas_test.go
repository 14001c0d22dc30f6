package client_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// No message of the specification's table of gas is above the bound of its kind.
func TestGasBoundsHoldTheTable(t *testing.T) {
	page, err := os.ReadFile("../../docs/spec/datapool.md")
	require.NoError(t, err)
	kinds := map[string]sdk.Msg{
		"MsgRegisterValidator": &types.MsgRegisterValidator{}, "MsgUpdateValidator": &types.MsgUpdateValidator{},
		"MsgAddBond": &types.MsgAddBond{}, "MsgSetCommission": &types.MsgSetCommission{}, "MsgCreatePool": &types.MsgCreatePool{},
		"MsgOffer": &types.MsgOffer{}, "MsgCertify": &types.MsgCertify{}, "MsgAck": &types.MsgAck{}, "MsgDeliver": &types.MsgDeliver{},
		"MsgWithdraw": &types.MsgWithdraw{}, "MsgClosePool": &types.MsgClosePool{}, "MsgUnbond": &types.MsgUnbond{},
		"MsgComplain": &types.MsgComplain{}, "MsgUnjail": &types.MsgUnjail{},
	}
	rows := regexp.MustCompile(`(?m)^\| (Msg\w+)[^|]*\| ([\d,]+) \| [\d,]+ \|$`).FindAllStringSubmatch(string(page), -1)
	require.Len(t, rows, 21)
	for _, row := range rows {
		gas, err := strconv.ParseUint(strings.ReplaceAll(row[2], ",", ""), 10, 64)
		require.NoError(t, err)
		require.Contains(t, kinds, row[1])
		// A simulated transaction gets the headroom on top of its gas, as the bound does.
		require.GreaterOrEqual(t, client.MaxGas(kinds[row[1]])*100/140, gas, row[0])
	}
}
