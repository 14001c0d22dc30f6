package client_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/x/datapool/types"
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

const nodeConfig = "/cosmos.base.node.v1beta1.Service/Config"

// behind returns the configuration of a client that asks m first, and the chain itself
// if others is set.
func behind(c *chain, m *middle, others bool) client.Config {
	cfg := c.config("validator 0")
	honest := client.Endpoint{GRPC: cfg.GRPC, RPC: cfg.RPC}
	cfg.GRPC, cfg.RPC = m.grpcAddr, m.rpcAddr
	if others {
		cfg.More = []client.Endpoint{honest}
	}
	return cfg
}

// asks makes an endpoint name a gas price.
func asks(m *middle, price string) {
	m.onGRPC(nodeConfig, func(func() ([]byte, error)) ([]byte, error) {
		return proto.Marshal(&nodeservice.ConfigResponse{MinimumGasPrice: price})
	})
}

// One endpoint that asks too much, when it is asked or when it refuses a fee, does not
// stop the transactions of a node that has another.
func TestOneEndpointsGasPriceStopsNothing(t *testing.T) {
	for name, lie := range map[string]func(*middle){
		"as its price": func(m *middle) { asks(m, "1000000umed") },
		"as a refusal": func(m *middle) {
			m.onGRPC(broadcastTx, func(func() ([]byte, error)) ([]byte, error) {
				return proto.Marshal(&txtypes.BroadcastTxResponse{TxResponse: &sdk.TxResponse{
					Codespace: sdkerrors.ErrInsufficientFee.Codespace(), Code: sdkerrors.ErrInsufficientFee.ABCICode(),
					RawLog: "insufficient fees; got: 1umed required: 900000000000000umed: insufficient fee",
				}})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChain(t)
			m := newMiddle(t, c)
			lie(m)
			l := dial(t, behind(c, m, true))
			require.NoError(t, l.RegisterValidator(t.Context(), registration("v")))
			require.ErrorContains(t, fmt.Errorf("%s", l.Endpoints()[0].Trouble), "asks more for gas")
			require.Empty(t, l.Endpoints()[1].Trouble)
			require.False(t, l.GasPrice().TooHigh())
		})
	}
}

// A price that all endpoints ask stops transactions only for as long as they ask it.
func TestGasPriceAboveTheLimit(t *testing.T) {
	c := newChain(t)
	m := newMiddle(t, c)
	asks(m, "1000000umed")
	l := dial(t, behind(c, m, false))
	err := l.RegisterValidator(t.Context(), registration("v"))
	require.ErrorIs(t, err, pdx.ErrRefused)
	require.ErrorContains(t, err, "raise chain.max_gas_price")
	require.True(t, l.GasPrice().TooHigh())
	m.onGRPC(nodeConfig, nil)
	require.NoError(t, l.RegisterValidator(t.Context(), registration("v")))
	require.False(t, l.GasPrice().TooHigh())
}

// An endpoint that lies about the gas of a message is not asked again if it names more than
// the table allows, and gets no more than the table allows otherwise.
func TestFeeIsBoundedByTheTable(t *testing.T) {
	c := newChain(t)
	m := newMiddle(t, c)
	honest := dial(t, c.config("validator 0"))
	require.NoError(t, honest.RegisterValidator(t.Context(), registration("v")))
	most := client.MaxGas(&types.MsgUpdateValidator{})
	claim := func(gas uint64) {
		answer := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"gas_info":{"gas_used":"%d"}}`, gas))
		m.onRPC("abci_query", func() (string, error) { return fmt.Sprintf(`{"response":{"value":%q}}`, answer), nil })
	}
	spent := func(l *client.Client) pdx.Amount {
		before, err := honest.Balance(t.Context(), honest.Account())
		require.NoError(t, err)
		require.NoError(t, l.UpdateValidator(t.Context(), registration("again")))
		after, err := honest.Balance(t.Context(), honest.Account())
		require.NoError(t, err)
		return before - after
	}
	fair := spent(honest)
	alone, two := dial(t, behind(c, m, false)), dial(t, behind(c, m, true))

	claim(4_000_000_000)
	err := alone.UpdateValidator(t.Context(), registration("again"))
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	require.ErrorContains(t, err, "takes at most")
	require.InDelta(t, uint64(fair), uint64(spent(two)), float64(fair)/10, "the other endpoint says what it takes")

	claim(most/140*100 - 100_000) // as much as it may claim
	paid := spent(alone)
	require.Greater(t, paid, fair)
	require.LessOrEqual(t, uint64(paid), most*client.MinGasPrice)
}
