package localnet_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	cmttypes "github.com/cometbft/cometbft/types"
	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
)

// fast returns a chain's configuration for tests that start it themselves.
func fast(dir string) localnet.Config {
	return localnet.Config{Home: dir, BlockInterval: 20 * time.Millisecond}
}

func start(t *testing.T, cfg localnet.Config) *localnet.Chain {
	t.Helper()
	chain, err := localnet.New(cfg)
	require.NoError(t, err)
	require.NoError(t, chain.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, chain.Stop(t.Context())) })
	return chain
}

func TestStartReturnsWithABlock(t *testing.T) {
	chain := localnettest.Start(t)
	require.Equal(t, localnet.ChainID, chain.ChainID())
	require.GreaterOrEqual(t, chain.Height(t), int64(1))
	chain.WaitHeight(t, chain.Height(t)+2)

	where, err := localnet.ReadEndpoints(chain.Home)
	require.NoError(t, err)
	require.Equal(t, chain.Endpoints(), where)
	require.Equal(t, os.Getpid(), where.PID)
}

func TestRPCServesBlocksAndSubscriptions(t *testing.T) {
	chain := localnettest.Start(t)
	client, err := rpchttp.New(chain.RPCAddr(), "/websocket")
	require.NoError(t, err)
	require.NoError(t, client.Start())
	defer func() { require.NoError(t, client.Stop()) }()
	blocks, err := client.Subscribe(t.Context(), "test", cmttypes.EventQueryNewBlock.String())
	require.NoError(t, err)
	height := (<-blocks).Data.(cmttypes.EventDataNewBlock).Block.Height
	results, err := client.BlockResults(t.Context(), &height)
	require.NoError(t, err)
	require.Equal(t, height, results.Height)
	http.DefaultClient.CloseIdleConnections()
}

func TestStopAndStartKeepsHeightMoneyAndPorts(t *testing.T) {
	chain := localnettest.Start(t)
	newcomer := pdx.Address("panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc")
	chain.Fund(t, newcomer, 12_345)
	height, where := chain.Height(t), chain.Endpoints()

	chain.Restart(t)
	require.Greater(t, chain.Height(t), height)
	require.Equal(t, pdx.Amount(12_345), chain.Balance(t, newcomer))
	require.Equal(t, where, chain.Endpoints())
}

// Under the race detector this shows that queries and commits keep apart.
func TestQueriesWhileBlocksAreMade(t *testing.T) {
	chain := localnettest.Start(t, localnettest.WithBlockInterval(time.Millisecond))
	until := chain.Height(t) + 50
	stop := make(chan struct{})
	failed := make(chan error, 4)
	for range cap(failed) {
		go func() { failed <- ask(t.Context(), chain, stop) }()
	}
	chain.WaitHeight(t, until)
	close(stop)
	for range cap(failed) {
		require.NoError(t, <-failed)
	}
	past := metadata.AppendToOutgoingContext(t.Context(), grpctypes.GRPCBlockHeightHeader, "2")
	var header metadata.MD
	_, err := banktypes.NewQueryClient(chain.Conn()).Params(past, &banktypes.QueryParamsRequest{}, grpc.Header(&header))
	require.NoError(t, err)
	require.Equal(t, []string{"2"}, header.Get(grpctypes.GRPCBlockHeightHeader))
	for _, height := range []string{"-1", "two", "99999999"} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), grpctypes.GRPCBlockHeightHeader, height)
		_, err := banktypes.NewQueryClient(chain.Conn()).Params(ctx, &banktypes.QueryParamsRequest{})
		require.Error(t, err, height)
	}
}

// ask asks without a pause until stop is closed.
func ask(ctx context.Context, chain *localnettest.Chain, stop <-chan struct{}) error {
	request := &banktypes.QueryAllBalancesRequest{Address: string(chain.Account("buyer").Address)}
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		if _, err := banktypes.NewQueryClient(chain.Conn()).AllBalances(ctx, request); err != nil {
			return err
		}
	}
}

// stopTime is far more than a stop takes on a busy machine and far less than a
// client that never leaves would make it wait.
const stopTime = 20 * time.Second

func TestStopIsQuickAndIdempotent(t *testing.T) {
	chain := localnettest.Start(t)
	began := time.Now()
	require.NoError(t, chain.Stop(t.Context()))
	require.Less(t, time.Since(began), stopTime)
	require.NoError(t, chain.Stop(t.Context()))
	<-chain.Done()
	require.NoError(t, chain.Err())
	require.Zero(t, chain.Endpoints().PID)
	_, err := localnet.ReadEndpoints(chain.Home)
	require.ErrorIs(t, err, localnet.ErrNotRunning)
	require.ErrorIs(t, chain.Start(t.Context()), pdx.ErrWrongState)
}

func TestStopCutsOffAnOpenSubscription(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, localnet.Init(t.Context(), fast(dir)))
	chain := start(t, localnet.Config{Home: dir})
	conn, err := net.Dial("tcp", strings.TrimPrefix(chain.RPCAddr(), "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte("GET /websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
	require.NoError(t, err)
	answer := make([]byte, 1024)
	n, err := conn.Read(answer)
	require.NoError(t, err)
	require.Contains(t, string(answer[:n]), "101 Switching Protocols")
	began := time.Now()
	require.NoError(t, chain.Stop(t.Context()))
	require.Less(t, time.Since(began), stopTime)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
	for err == nil {
		_, err = conn.Read(answer)
	}
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the server kept the connection")
}

func TestTwoChainsInOneProcess(t *testing.T) {
	one := localnettest.Start(t, localnettest.WithChainID("one-1"))
	two := localnettest.Start(t, localnettest.WithChainID("two-1"), localnettest.WithAccounts("alice"))
	require.Equal(t, "one-1", one.ChainID())
	require.Equal(t, "two-1", two.ChainID())
	require.NotEqual(t, one.GRPCAddr(), two.GRPCAddr())
	require.Zero(t, one.Balance(t, two.Account("alice").Address))
	require.Equal(t, pdx.Amount(1_000_000_000_000), two.Balance(t, two.Account("alice").Address))
	one.WaitHeight(t, one.Height(t)+1)
	two.WaitHeight(t, two.Height(t)+1)
}

func TestASecondStartSaysWhoRuns(t *testing.T) {
	chain := localnettest.Start(t)
	second, err := localnet.New(localnet.Config{Home: chain.Home})
	require.NoError(t, err)
	err = second.Start(t.Context())
	require.ErrorIs(t, err, localnet.ErrRunning)
	require.ErrorContains(t, err, chain.Home)
	require.ErrorContains(t, err, chain.GRPCAddr())

	require.ErrorIs(t, localnet.Reset(chain.Home), localnet.ErrRunning)
	require.ErrorIs(t, localnet.Remove(chain.Home), localnet.ErrRunning)
	require.ErrorIs(t, localnet.Export(chain.Home, &bytes.Buffer{}), localnet.ErrRunning)
	require.ErrorIs(t, localnet.Init(t.Context(), fast(chain.Home)), localnet.ErrRunning)
	chain.WaitHeight(t, chain.Height(t)+1)
}

func TestStartNamesATakenPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	require.NoError(t, err)

	dir := t.TempDir()
	require.NoError(t, localnet.Init(t.Context(), fast(dir)))
	chain, err := localnet.New(localnet.Config{Home: dir, RPCAddr: taken.Addr().String()})
	require.NoError(t, err)
	err = chain.Start(t.Context())
	require.ErrorIs(t, err, localnet.ErrPort)
	require.ErrorContains(t, err, port)
	// Nothing is left behind: the home is free for another start.
	start(t, localnet.Config{Home: dir})
}

func TestAPortTakenMeanwhileIsReplaced(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, localnet.Init(t.Context(), fast(dir)))
	first := start(t, localnet.Config{Home: dir})
	require.NoError(t, first.Stop(t.Context()))
	taken, err := net.Listen("tcp", first.GRPCAddr())
	require.NoError(t, err)
	defer taken.Close()
	second := start(t, localnet.Config{Home: dir})
	require.NotEqual(t, first.GRPCAddr(), second.GRPCAddr())
	require.Equal(t, first.RPCAddr(), second.RPCAddr())
}

func TestExportIsAGenesisForTheNextHeight(t *testing.T) {
	chain := localnettest.Start(t)
	buyer := chain.Account("buyer").Address
	chain.Fund(t, buyer, 7)
	height := chain.Height(t)
	require.NoError(t, chain.Stop(t.Context()))
	var exported bytes.Buffer
	require.NoError(t, localnet.Export(chain.Home, &exported))

	// It is more than JSON: the chain, emptied, begins with it and has the same money.
	require.NoError(t, localnet.Reset(chain.Home))
	require.NoError(t, os.WriteFile(filepath.Join(chain.Home, "node0", "config", "genesis.json"), exported.Bytes(), 0o600))
	chain.Restart(t)
	require.Greater(t, chain.Height(t), height)
	require.Equal(t, pdx.Amount(1_000_000_000_007), chain.Balance(t, buyer))
	requireSumIsSupply(t, chain)
}
