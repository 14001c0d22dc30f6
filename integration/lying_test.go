package integration_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/integration/adversary"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// lyingDeadlines are long enough that a sale waits for the end of a lie.
const lyingDeadlines = "certify=900s,ack=900s,key=900s,dispute=2s"

// TestLyingEndpoint has one seller's only endpoint lie to it about a deal that
// waits for its key, and another seller's first of two. No lie gets a key out of
// a node; each is named, and costs time only.
func TestLyingEndpoint(t *testing.T) {
	t.Parallel()
	liars := liars{}
	m := market.Open(t, market.Options{
		Validators: 1, Sellers: 2, Deadlines: lyingDeadlines,
		Flags: func(m *market.Market, name string) []string {
			switch name {
			case "seller-1":
				return liars.only(m, name)
			case "seller-2":
				ends := m.Fleet.Endpoints()
				return append(liars.only(m, name), "--endpoint", ends.GRPC+" "+ends.RPC)
			}
			return nil
		},
	})
	for name, c := range lies() {
		t.Run(name, func(t *testing.T) { refuseLie(m.In(t), m.Sellers[0], liars["seller-1"], c) })
	}
	t.Run("with an honest endpoint beside", func(t *testing.T) {
		sub := m.In(t)
		sale := certified(sub, m.Sellers[1], "beside")
		liars["seller-2"].Tell(lies()["another buyer key"].Lie)
		sub.Pull(sale.PoolId)
		sub.Bought(sub.WaitSale(m.Sellers[1], sale.Id, pdx.DealFinal))
		require.Zero(t, liars["seller-2"].Deliveries(), "a liar carries no delivery")
		sub.Until(market.Patience, "the status names the liar", func(ctx context.Context) error {
			return unwell(ctx, m.Sellers[1], "endpoint", liars["seller-2"].RPC, "another buyer_key")
		})
	})
}

// liars are the endpoints of the nodes of these names.
type liars map[string]*adversary.Liar

// only returns the flags of a node whose endpoint is a liar.
func (l liars) only(m *market.Market, name string) []string {
	ends := m.Fleet.Endpoints()
	l[name] = adversary.NewLiar(m.T, ends.GRPC, ends.RPC)
	return []string{"--grpc", l[name].GRPC, "--rpc", l[name].RPC}
}

// lie is one, and what the seller's node finds.
type lie struct {
	adversary.Lie
	found string
	// unpulled: it is told of a deal that the buyer did not pull.
	unpulled bool
}

func lies() map[string]lie {
	stranger := seal.NewBuyerKey().Public()
	key := func(d *types.Deal) { d.BuyerKey = stranger[:] }
	return map[string]lie{
		"another buyer key": {Lie: adversary.Lie{GRPC: tellDeal(key)}, found: "another buyer_key"},
		"another buyer key, and a value for it": {
			Lie:   adversary.Lie{GRPC: tellDeal(key), RPC: storeDeal(key)},
			found: "the proof is of another value",
		},
		"another price": {Lie: adversary.Lie{GRPC: tellDeal(func(d *types.Deal) { d.Price = d.Price.MulRaw(2) })}, found: "another price"},
		"another payee": {Lie: adversary.Lie{GRPC: tellDeal(func(d *types.Deal) { d.Seller = d.Buyer })}, found: "another seller"},
		"an ack that never was": {
			Lie: adversary.Lie{GRPC: tellDeal(func(d *types.Deal) {
				last := d.History[len(d.History)-1]
				last.State, d.State, d.AckHeight = types.DEAL_STATE_ACKED, types.DEAL_STATE_ACKED, last.Height
				d.History = append(d.History, last)
			})},
			found: "ack_height", unpulled: true,
		},
		"a forged proof": {
			Lie: adversary.Lie{RPC: func(method string, params, result map[string]any) {
				if method != "abci_query" || !strings.HasPrefix(fmt.Sprint(params["path"]), "/store/") {
					return
				}
				response := result["response"].(map[string]any)
				op := response["proofOps"].(map[string]any)["ops"].([]any)[1].(map[string]any)
				op["data"] = flip(op["data"].(string))
			}},
			found: "lies or is broken",
		},
		"a forged header": {
			Lie: adversary.Lie{RPC: func(method string, _, result map[string]any) {
				if method != "commit" {
					return
				}
				header := result["signed_header"].(map[string]any)["header"].(map[string]any)
				raw, _ := hex.DecodeString(header["app_hash"].(string))
				raw[0] ^= 1
				header["app_hash"] = strings.ToUpper(hex.EncodeToString(raw))
			}},
			found: "does not hold together",
		},
		"a halted chain": {
			Lie: adversary.Lie{Ask: func(method string, params map[string]any) {
				if _, asked := params["height"]; method == "commit" && !asked {
					params["height"] = fmt.Sprint(shownHeight)
				}
			}},
			found: "its newest block is old",
		},
	}
}

// tellDeal changes deals wherever they are told without a proof.
func tellDeal(change func(*types.Deal)) func(string, []byte) []byte {
	return func(method string, answer []byte) []byte {
		if method != "/panacea.datapool.v3.Query/Deal" {
			return answer
		}
		var res types.QueryDealResponse
		if err := res.Unmarshal(answer); err != nil {
			return answer
		}
		change(&res.Deal)
		raw, _ := res.Marshal()
		return raw
	}
}

// storeDeal changes deals in answers with a proof.
func storeDeal(change func(*types.Deal)) func(string, map[string]any, map[string]any) {
	return func(method string, params, result map[string]any) {
		if method != "abci_query" || !strings.HasPrefix(fmt.Sprint(params["path"]), "/store/") {
			return
		}
		response := result["response"].(map[string]any)
		raw, _ := base64.StdEncoding.DecodeString(fmt.Sprint(response["value"]))
		var deal types.Deal
		if len(raw) < 100 || deal.Unmarshal(raw) != nil { // a number
			return
		}
		change(&deal)
		raw, _ = deal.Marshal()
		response["value"] = base64.StdEncoding.EncodeToString(raw)
	}
}

func flip(text string) string {
	raw, _ := base64.StdEncoding.DecodeString(text)
	raw[len(raw)/2] ^= 1
	return base64.StdEncoding.EncodeToString(raw)
}

// certified sells up to the point at which the buyer may pull.
func certified(m *market.Market, seller *procs.Member, name string) *nodepb.Sale {
	m.T.Helper()
	name = strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), ",", "")
	pool := m.OpenPool(market.Pool{})
	m.AddSample(seller, name, sample.Options{Kind: sample.Patient, Patients: 20, Seed: pool})
	return m.WaitSale(seller, m.Sell(seller, pool, name).Id, pdx.DealCertified)
}

// refuseLie makes sure that a lie is found and gets nothing.
func refuseLie(m *market.Market, seller *procs.Member, liar *adversary.Liar, c lie) {
	m.T.Helper()
	defer liar.Tell(adversary.Lie{})
	if c.Ask != nil { // the block that it shows must be old by then
		m.Until(light.MaxAge+market.Patience, "the first blocks are old", func(ctx context.Context) error {
			return old(ctx, m, shownHeight)
		})
	}
	sale, before := certified(m, seller, m.T.Name()[strings.LastIndex(m.T.Name(), "/")+1:]), liar.Deliveries()
	liar.Tell(c.Lie)
	if !c.unpulled {
		m.Pull(sale.PoolId)
	}
	m.Until(3*market.Patience, "the sale says who lied about what", func(ctx context.Context) error {
		now, err := market.SaleOf(ctx, seller, sale.Id)
		if err == nil && (!strings.Contains(now.Reason, liar.RPC) || !strings.Contains(now.Reason, c.found)) {
			err = fmt.Errorf("it is %s (%s)", now.State, now.Reason)
		}
		return err
	})
	m.Until(market.Patience, "the status does, too", func(ctx context.Context) error {
		return unwell(ctx, seller, "proofs", liar.RPC, c.found)
	})
	require.Equal(m.T, before, liar.Deliveries(), "a delivery left the node")
	deal := m.Deal(sale.DealId)
	require.Nil(m.T, deal.Delivery)
	require.Contains(m.T, []pdx.DealState{pdx.DealCertified, pdx.DealAcked}, deal.State)

	liar.Tell(adversary.Lie{})
	if c.unpulled {
		m.Pull(sale.PoolId)
	}
	m.Until(4*market.Patience, "the sale goes on", func(ctx context.Context) error {
		now, err := market.SaleOf(ctx, seller, sale.Id)
		if err == nil && now.State != string(pdx.DealFinal) {
			err = fmt.Errorf("it is %s (%s)", now.State, now.Reason)
		}
		return err
	})
	m.Bought(sale)
	require.Greater(m.T, liar.Deliveries(), before)
}

// shownHeight is that of the block which a halted chain is said to end with.
const shownHeight = 3

func old(ctx context.Context, m *market.Market, height int64) error {
	rpc, err := rpchttp.New(m.Fleet.Endpoints().RPC, "/websocket")
	if err != nil {
		return err
	}
	res, err := rpc.Header(ctx, &height)
	if err == nil && time.Since(res.Header.Time) < light.MaxAge+5*time.Second {
		err = fmt.Errorf("block %d is of %v", height, res.Header.Time)
	}
	return err
}

// unwell looks for a line in a node's health.
func unwell(ctx context.Context, n *procs.Member, part string, words ...string) error {
	st, err := n.Client().Status(ctx, &nodepb.StatusRequest{})
	if err != nil {
		return err
	}
	for _, h := range st.Health {
		missing := false
		for _, w := range words {
			missing = missing || !strings.Contains(h.Message, w)
		}
		if h.Part == part && !h.Ok && !missing {
			return nil
		}
	}
	return fmt.Errorf("its health: %v", st.Health)
}
