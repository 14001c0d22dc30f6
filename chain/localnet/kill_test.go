package localnet_test

import (
	"bufio"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/medibloc/pdx/chain/localnet"
)

const (
	patience = 30 * time.Second
	tick     = 10 * time.Millisecond
	newcomer = "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc"
)

// startChild runs the chain of dir in a process of its own until kill -9.
func startChild(t *testing.T, dir string) (kill func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childHome+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "ready\n", line)
	return func() {
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())
	}
}

func TestKilledChainContinues(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, localnet.Init(t.Context(), fast(dir)))
	var height int64
	for round := range 3 {
		kill := startChild(t, dir)
		_, err := localnet.Fund(t.Context(), dir, newcomer, 10)
		require.NoError(t, err)
		now, balance := readChain(t, dir)
		require.Greater(t, now, height)
		require.Equal(t, int64(10*(round+1)), balance)
		height = now
		kill()
		// What the killed process left does not look like a running chain.
		_, err = localnet.ReadEndpoints(dir)
		require.ErrorIs(t, err, localnet.ErrNotRunning)
	}
	start(t, localnet.Config{Home: dir})
	now, balance := readChain(t, dir)
	require.Greater(t, now, height)
	require.Equal(t, int64(30), balance)
}

// readChain asks the chain of dir for its height and the newcomer's money.
func readChain(t *testing.T, dir string) (height, balance int64) {
	t.Helper()
	where, err := localnet.ReadEndpoints(dir)
	require.NoError(t, err)
	conn, err := grpc.NewClient(where.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	block, err := cmtservice.NewServiceClient(conn).GetLatestBlock(t.Context(), &cmtservice.GetLatestBlockRequest{})
	require.NoError(t, err)
	coins, err := banktypes.NewQueryClient(conn).Balance(t.Context(), &banktypes.QueryBalanceRequest{Address: newcomer, Denom: "umed"})
	require.NoError(t, err)
	return block.SdkBlock.Header.Height, coins.Balance.Amount.Int64()
}
