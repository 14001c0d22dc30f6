package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
)

const (
	// saysWithin is how soon every call says something while the chain is silent.
	saysWithin = 5 * time.Second
	// statusWithin is how soon a status is shown.
	statusWithin = time.Second
	// busyMachine is what a machine on which other tests run may add.
	busyMachine = 10 * time.Second
)

// silentChain takes connections and never answers.
func silentChain(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var conns sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer conn.Close()
				defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
				_, _ = io.Copy(io.Discard, conn)
				<-ctx.Done()
			})
		}
	})
	t.Cleanup(func() { cancel(); _ = l.Close(); conns.Wait() })
	return l.Addr().String()
}

// nodeOf starts a node with its default configuration on a chain, and says how
// long that took.
func nodeOf(t *testing.T, chain string) (*Node, time.Duration) {
	t.Helper()
	dir := t.TempDir()
	cfg := config.Default(dir)
	cfg.WorkFactor = 10 // scrypt in milliseconds
	cfg.Chain.GRPC, cfg.Chain.RPC = chain, "http://"+chain
	cfg.Chain.Trust.None = true // without any, a sale is refused before the chain is asked
	cfg.P2P.Listen, cfg.P2P.MDNS = []string{"/ip4/127.0.0.1/tcp/0"}, false
	_, err := home.Init(t.Context(), cfg, "a passphrase", "")
	require.NoError(t, err)
	opened, err := home.Open(t.Context(), dir, "a passphrase")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	began := time.Now()
	n, err := New(t.Context(), cfg, opened, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { _ = n.Stop() }) // a part may be cut off at its end
	require.NoError(t, n.Start(t.Context()))
	return n, time.Since(began)
}

// requests ask each method for something for which it needs the chain, where it
// ever does.
func requests(dir string) map[string]proto.Message {
	const account = "panacea1xyxs3skf3f4jfqeuv89yyaqvjc6lffavtg0kx6"
	return map[string]proto.Message{
		"Status": &nodepb.StatusRequest{}, "Peers": &nodepb.PeersRequest{}, "Stop": &nodepb.StopRequest{}, // only Run heeds it
		"ExplainPath": &nodepb.ExplainPathRequest{Peer: account},
		"Ping":        &nodepb.PingRequest{Peer: account}, "Perf": &nodepb.PerfRequest{Peer: account, Up: 1, Down: 1},
		"ListTransfers": &nodepb.ListTransfersRequest{}, "WatchTransfers": &nodepb.WatchTransfersRequest{},
		"CreatePool": &nodepb.CreatePoolRequest{
			RequestId: "one", Price: api.FromAmount(1_000_000), TargetCount: 1, RequiredCertificates: 1, Validators: []string{account}, Title: "t",
			Criteria: []byte(`{"version": 1, "title": "Patients", "media_type": "application/x-ndjson", "schema": {"type": "object"},` +
				` "fields": [{"pointer": "/id", "required": true, "purpose": "to count"}]}`),
		},
		"ListPools": &nodepb.ListPoolsRequest{}, "GetPool": &nodepb.GetPoolRequest{Id: 1}, "ClosePool": &nodepb.ClosePoolRequest{Id: 1},
		"RegisterValidator": &nodepb.RegisterValidatorRequest{Moniker: "m", Bond: api.FromAmount(1_000_000)},
		"ListValidators":    &nodepb.ListValidatorsRequest{}, "GetValidator": &nodepb.GetValidatorRequest{},
		"UpdateValidator": &nodepb.UpdateValidatorRequest{}, "AddBond": &nodepb.AddBondRequest{Amount: api.FromAmount(1_000_000)},
		"SetCommission": &nodepb.SetCommissionRequest{}, "SetConditions": &nodepb.SetConditionsRequest{},
		"Unbond": &nodepb.UnbondRequest{}, "Unjail": &nodepb.UnjailRequest{},
		"AddData": &nodepb.AddDataRequest{Path: filepath.Join(dir, "more.ndjson")}, "ListData": &nodepb.ListDataRequest{},
		"GetData": &nodepb.GetDataRequest{Id: "some"}, "RemoveData": &nodepb.RemoveDataRequest{Id: "none"},
		"PreviewSale": &nodepb.PreviewSaleRequest{PoolId: 1, DataId: "some"}, "Sell": &nodepb.SellRequest{PoolId: 1, DataId: "some"},
		"CancelSale": &nodepb.CancelSaleRequest{DealId: 1},
		"ListSales":  &nodepb.ListSalesRequest{}, "PruneSales": &nodepb.PruneSalesRequest{}, "PrunePulls": &nodepb.PrunePullsRequest{},
		"Pull": &nodepb.PullRequest{PoolId: 1, Out: filepath.Join(dir, "out")}, "ListPulls": &nodepb.ListPullsRequest{},
		"OpenPool":  &nodepb.OpenPoolRequest{PoolId: 1, Out: filepath.Join(dir, "plain")},
		"ListDeals": &nodepb.ListDealsRequest{}, "GetDeal": &nodepb.GetDealRequest{Id: 1},
		"GetReceipt":    &nodepb.GetReceiptRequest{DealId: 1},
		"ChallengeDeal": &nodepb.ChallengeDealRequest{Id: 1},
		"Withdraw":      &nodepb.WithdrawRequest{}, "Watch": &nodepb.WatchRequest{},
		"Backup":  &nodepb.BackupRequest{WithoutBlobs: true},
		"GetSale": &nodepb.GetSaleRequest{DealId: 1}, "GetPull": &nodepb.GetPullRequest{DealId: 1},
		"ListConsents": &nodepb.ListConsentsRequest{}, "GetConsent": &nodepb.GetConsentRequest{DealId: 1},
		"WithdrawConsent": &nodepb.WithdrawConsentRequest{DealId: 1},
		"RequestErasure":  &nodepb.RequestErasureRequest{DealId: 1}, "ListErasures": &nodepb.ListErasuresRequest{},
		"AnswerErasure": &nodepb.AnswerErasureRequest{DealId: 1},
		"ListEarnings":  &nodepb.ListEarningsRequest{}, "ListFees": &nodepb.ListFeesRequest{},
	}
}

// local are the methods that need no chain, or none while there is no history.
var local = map[string]bool{
	"Status": true, "Peers": true, "Stop": true, "ListTransfers": true,
	"WatchTransfers": true, "AddData": true, "ListData": true, "GetData": true,
	"RemoveData": true, "CancelSale": true, "ListSales": true, "ListPulls": true, "Watch": true,
	"Backup": true, "PruneSales": true, "PrunePulls": true, "GetSale": true, "GetPull": true, "ListConsents": true, "GetConsent": true,
	"WithdrawConsent": true, "ListErasures": true, "AnswerErasure": true, "ListEarnings": true, "ListFees": true,
	"GetReceipt": true, // refused at once, as this node trusts no block
}

// While the chain takes connections and never answers, a node starts, and every
// call to it says something within 5 s, or who is silent.
func TestNoCallIsSilentWithASilentChain(t *testing.T) {
	n, took := nodeOf(t, silentChain(t))
	require.Less(t, took, saysWithin+busyMachine)
	t.Logf("started in %v", took.Round(time.Millisecond))
	client, dir := api.NewClient(n.cfg.SocketPath()), t.TempDir()
	for _, name := range []string{"some", "more"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".ndjson"), []byte(`{"id":"`+name+`"}`+"\n"), 0o600))
	}
	_, err := api.AddData(t.Context(), client, &nodepb.AddDataRequest{Path: filepath.Join(dir, "some.ndjson"), Name: "some"}, nil)
	require.NoError(t, err)

	asks, methods := requests(dir), nodepb.File_pdx_node_v1_node_proto.Services().ByName("NodeService").Methods()
	var calls sync.WaitGroup
	for i := range methods.Len() {
		name := string(methods.Get(i).Name())
		request, ok := asks[name]
		require.True(t, ok, "say here how %s is asked", name)
		calls.Go(func() {
			began := time.Now()
			err := call(t.Context(), client, name, request)
			took := time.Since(began)
			t.Logf("%-18s %6d ms  %v", name, took.Milliseconds(), err)
			assert.Less(t, took, saysWithin+busyMachine, name)
			if local[name] {
				assert.NotErrorIs(t, err, pdx.ErrUnavailable, name)
				return
			}
			assert.ErrorIs(t, err, pdx.ErrUnavailable, name)
		})
	}
	calls.Wait()

	began := time.Now()
	st, err := client.Status(t.Context(), &nodepb.StatusRequest{})
	require.NoError(t, err)
	require.Less(t, time.Since(began), statusWithin+busyMachine)
	require.Nil(t, st.ChainHeard)
	require.Equal(t, "chain", st.Health[0].Part)
	require.False(t, st.Health[0].Ok)
	require.Contains(t, st.Health[0].Message, "has not answered for")
}

// call asks a method and waits until it says something; for a stream that is its
// first message or its headers.
func call(ctx context.Context, client api.Client, name string, request proto.Message) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := reflect.ValueOf(client).MethodByName(name).Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(request)})
	err, _ := out[1].Interface().(error)
	stream := out[0].MethodByName("ResponseHeader")
	if err != nil || !stream.IsValid() {
		return err
	}
	header := stream.Call(nil)
	if name == "Watch" {
		return nil // its headers say that it is on
	}
	if !out[0].MethodByName("Receive").Call(nil)[0].Bool() {
		err, _ = out[0].MethodByName("Err").Call(nil)[0].Interface().(error)
		if err == nil {
			err = errors.New(fmt.Sprint("nothing came: ", header))
		}
		return api.FromStatus(err)
	}
	return nil
}
