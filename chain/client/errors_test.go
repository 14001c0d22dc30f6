package client_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
)

// TestADeadEndpointIsOneSentence asks over both protocols where nothing listens.
func TestADeadEndpointIsOneSentence(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	c, err := client.New(client.Config{ChainID: "c-1", GRPC: address, RPC: "http://" + address})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	for name, ask := range map[string]func() error{
		"grpc": func() error { _, err := c.Validators(t.Context()); return err },
		"rpc":  func() error { _, err := c.Head(t.Context()); return err },
	} {
		err := ask()
		require.ErrorIs(t, err, pdx.ErrUnavailable, name)
		require.ErrorContains(t, err, "chain endpoint", name)
		require.ErrorContains(t, err, "refuses connections: no node of the chain listens there", name)
		require.ErrorContains(t, err, "config.yaml", name)
		for _, raw := range []string{"dial tcp", "rpc error", "Post", "transport:", "desc ="} {
			require.NotContains(t, err.Error(), raw, name)
		}
	}
}

func TestARefusalIsItsLastClause(t *testing.T) {
	const executed = "failed to execute message; message index: 0: "
	for log, want := range map[string]string{
		executed + "deal 7 is final, not certified: wrong state": "deal 7 is final, not certified: wrong state",
		executed + "spendable balance 1500000umed is smaller than 20000000umed: insufficient funds"://
		"spendable balance 1.5 MED is smaller than 20 MED: insufficient funds",
		"failed to simulate tx: " + executed + "pool is closed [x/datapool/keeper/escrow.go:80]": "pool is closed",
		"99999999999999999999umed": "99999999999999999999umed",
		"a plain reason":           "a plain reason",
	} {
		err := client.NewRefusal("datapool", 43, log, "")
		require.Equal(t, want, err.Reason())
		require.NotContains(t, err.Error(), "datapool/43")
		require.ErrorContains(t, err, "the chain says: "+want)
	}
}
