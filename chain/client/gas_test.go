package client_test

import (
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/client"
)

// No message of the specification's table of gas is above the bound of its kind.
func TestGasBoundsHoldTheTable(t *testing.T) {
	page, err := os.ReadFile("../../docs/spec/datapool.md")
	require.NoError(t, err)
	rows := regexp.MustCompile(`(?m)^\| (Msg\w+)[^|]*\| ([\d,]+) \| [\d,]+ \|$`).FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, rows)
	for _, row := range rows {
		gas, err := strconv.ParseUint(strings.ReplaceAll(row[2], ",", ""), 10, 64)
		require.NoError(t, err)
		kind := proto.MessageType("panacea.datapool.v3." + row[1])
		require.NotNil(t, kind, "%s is no message of the module", row[1])
		msg := reflect.New(kind.Elem()).Interface().(sdk.Msg)
		// A simulated transaction gets the headroom on top of its gas, as the bound does.
		require.GreaterOrEqual(t, client.MaxGas(msg)*100/140, gas, row[0])
	}
}
