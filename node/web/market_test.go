package web_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// hostile is what a stranger may put into a title that everybody is shown.
const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>` + "\u202emoc.live"

// market is a node in the middle of things. It can be changed while it runs.
type market struct {
	nodepbconnect.UnimplementedNodeServiceHandler
	mu     sync.Mutex
	calls  int
	wrote  bool
	down   bool
	status *nodepb.StatusResponse
	pools  []*nodepb.Pool
	deals  []*nodepb.Deal
	sales  []*nodepb.Sale
	pulls  []*nodepb.Pulled

	home     string // of the server
	findings []*nodepb.Finding
	data     []*nodepb.Data
	path     string // of what was bought
	moved    uint64 // bytes
	written
}

// written is what was asked of it last that is more than to read.
type written struct {
	opened     int // pools
	request    *nodepb.CreatePoolRequest
	sold       *nodepb.SellRequest
	registered *nodepb.Data
}

func (m *market) last() written {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.written
}

const (
	me       = "panacea1q8m2f0r5s7v9x3c6n4k2j8h5g7d9s3a6pl0wz"
	stranger = "panacea1z7x9c3v5b2n8m4k6j1h0g9f7d5s3a2q4w6e8r"
)

func validatorAt(i int) string {
	return fmt.Sprintf("panacea1val%dx9c3v5b2n8m4k6j1h0g9f7d5s3a2q4w6e", i)
}

func newMarket() *market {
	now := time.Now()
	in := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(now.Add(d)) }
	m := &market{
		status: &nodepb.StatusResponse{
			Version: "0.1.0", ChainId: "panacea-local-1", Account: me, PeerId: "12D3KooWBmwkafWE2fqfzS96VoTZgpGp6aJsF4N6eZs6fZ9JjAYK",
			Listen: []string{"/ip4/192.168.1.20/tcp/4001/p2p/12D3KooWBmwkafWE2fqfzS96VoTZgpGp6aJsF4N6eZs6fZ9JjAYK"},
			Roles:  []string{"seller", "buyer"}, Height: 48211, ChainHeight: 48211, ChainTime: in(0),
			Balance: api.FromAmount(1_234_567_890), Withdrawable: api.FromAmount(9_800_000),
			ConnectedPeers: 7, Started: in(-3 * time.Hour), Home: "/home/kim/.pdx",
			Health: []*nodepb.Health{
				{Part: "chain", Ok: true, Message: "following"},
				{Part: "account", Ok: true, Message: "1234.56789 MED"},
				{Part: "network", Message: "it knows nobody: nobody can find it"},
			},
		},
	}
	for i, title := range []string{"Blood pressure of adults with type 2 diabetes", "Synthetic patients: demographics and contact", hostile} {
		m.pools = append(m.pools, &nodepb.Pool{
			Id: uint64(i + 1), Title: title, Buyer: []string{stranger, me, stranger}[i], Status: "open",
			Price: api.FromAmount([]pdx.Amount{10_000_000, 2_500_000, 1}[i]), Escrow: api.FromAmount(590_000_000),
			TargetCount: []uint64{100, 12, 1_000_000}[i], ReservedCount: []uint64{41, 12, 0}[i], DeliveredCount: []uint64{37, 9, 0}[i],
			CriteriaCid:   fmt.Sprintf("bafkr4ihkr4ld3m4gqkjf4reryxsy2s5tkbxprqkow6fin2iiyvreuzzabc%d", i),
			VerdictReward: api.FromAmount(1_000_000), RefusesDuplicates: i < 2, MaxOverlapPpm: []uint32{0, 15_000, 0}[i],
			MediaType: "application/x-ndjson", RequiredCertificates: 2, Validators: []string{validatorAt(1), validatorAt(2)},
			Expiry: in([]time.Duration{29 * 24 * time.Hour, 5 * time.Hour, 70 * time.Minute}[i]),
			Terms:  []*nodepb.Term{{Id: 1, Required: true, Title: "Research only", Description: "The data are used for research on hypertension."}},
		})
	}
	m.pools = append(m.pools,
		&nodepb.Pool{
			Id: 4, Title: "Lab values", Buyer: me, Status: "filled", Price: api.FromAmount(1_000_000),
			TargetCount: 3, ReservedCount: 3, DeliveredCount: 3, Expiry: in(time.Hour),
		},
		&nodepb.Pool{
			Id: 5, Title: "Somebody's old pool", Buyer: stranger, Status: "closed", Price: api.FromAmount(1_000_000),
			TargetCount: 3, Expiry: in(-time.Hour),
		},
	)
	for i, way := range [][]string{
		{"offered", "certified", "acked", "delivered", "final"},
		{"offered", "lapsed"},
		{"offered", "certified", "acked", "undelivered"},
		{"offered", "certified", "acked", "delivered"},
		{"offered", "certified"},
		{"offered"},
	} {
		m.deals = append(m.deals, newDeal(uint64(i+1), way, now))
	}
	m.sales = []*nodepb.Sale{
		{
			Id: "s1", PoolId: 1, DealId: 2, DataId: "d1", State: "lapsed", Reason: "rejected: criteria",
			Fields: []string{"/birthDate"}, Size: 196_608, Checks: []*nodepb.Check{
				{Validator: validatorAt(1), Stage: "done", Message: "rejected: criteria", Findings: []*nodepb.Finding{
					{Record: 101, Path: "/birthDate", Rule: hostile}, {Record: 154, Path: "/name/0/family", Rule: "schema: required"},
				}},
				{Validator: validatorAt(2), Stage: "refused", Message: "its queue is full"},
			},
		},
		{
			Id: "s2", PoolId: 1, DealId: 5, DataId: "d1", DataName: "patients-2026.ndjson", State: "certified",
			Fields: []string{"/birthDate", "/gender"}, Size: 1_245_184, Checks: []*nodepb.Check{
				{Validator: validatorAt(1), Stage: "done", Accepted: true, Message: "accepted"},
				{Validator: validatorAt(2), Stage: "checking", Message: "record 1,204"},
			},
		},
	}
	m.pulls = []*nodepb.Pulled{
		{DealId: 1, PoolId: 2, State: "final", Held: 1_245_184, Size: 1_245_184, Path: "/home/kim/bought/1.ndjson", Records: 200},
		{DealId: 4, PoolId: 5, State: "pulling", Held: 20_971_520, Size: 52_428_800},
	}
	return m
}

func newDeal(id uint64, way []string, now time.Time) *nodepb.Deal {
	d := &nodepb.Deal{
		Id: id, PoolId: 1 + id%2, Seller: []string{stranger, me}[id%2], Buyer: []string{me, stranger}[id%2],
		State: way[len(way)-1], Price: api.FromAmount(10_000_000), Deposit: api.FromAmount(100_000),
		Root: "bafkr4ihkr4ld3m4gqkjf4reryxsy2s5tkbxprqkow6fin2iiyvreuzzq", Size: 1_245_184 * id, Fields: []string{"/birthDate", "/gender"},
		DeadlineHeight: 48_300, DeadlineTime: timestamppb.New(now.Add(26 * time.Minute)),
	}
	for i, state := range way {
		at := timestamppb.New(now.Add(time.Duration(i-5) * 7 * time.Minute))
		d.History = append(d.History, &nodepb.Step{State: state, Height: int64(48_000 + 13*i), Time: at})
	}
	if len(way) > 1 && way[1] == "certified" {
		d.Certificates = []*nodepb.Certificate{
			{Validator: validatorAt(1), Accepted: true, Height: 48_010},
			{Validator: validatorAt(2), Accepted: true, Height: 48_013},
		}
	}
	if d.State == "final" {
		d.Shares = []*nodepb.Share{
			{Address: d.Seller, Amount: api.FromAmount(9_800_000)},
			{Address: validatorAt(1), Amount: api.FromAmount(100_000)},
			{Address: validatorAt(2), Amount: api.FromAmount(100_000)},
		}
	}
	return d
}

// change does something to the market between two calls.
func (m *market) change(do func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	do()
}

func (m *market) called() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls
}

func answer[T any](m *market, make func() *T) (*T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.down {
		return nil, fmt.Errorf("chain: %w", pdx.ErrUnavailable)
	}
	return make(), nil
}

func (m *market) Status(context.Context, *nodepb.StatusRequest) (*nodepb.StatusResponse, error) {
	return answer(m, func() *nodepb.StatusResponse { return m.status })
}

func (m *market) Peers(context.Context, *nodepb.PeersRequest) (*nodepb.PeersResponse, error) {
	return answer(m, func() *nodepb.PeersResponse {
		return &nodepb.PeersResponse{Peers: []*nodepb.Peer{
			{
				PeerId: "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp", Account: stranger,
				Address: "/ip4/203.0.113.9/tcp/4001", Transport: "tcp+noise", RttUs: 18_300,
			},
			{
				PeerId:  "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo",
				Address: "/ip4/198.51.100.3/udp/4001/quic-v1", Transport: "quic", Relayed: true,
			},
		}}
	})
}

func (m *market) ListPools(_ context.Context, r *nodepb.ListPoolsRequest) (*nodepb.ListPoolsResponse, error) {
	return answer(m, func() *nodepb.ListPoolsResponse {
		res := &nodepb.ListPoolsResponse{}
		for _, p := range reversed(m.pools) {
			if (r.Status == "" || p.Status == r.Status) && (r.Buyer == "" || p.Buyer == r.Buyer) {
				res.Pools = append(res.Pools, p)
			}
		}
		return res
	})
}

func (m *market) GetPool(_ context.Context, r *nodepb.GetPoolRequest) (*nodepb.GetPoolResponse, error) {
	return answer(m, func() *nodepb.GetPoolResponse {
		found := proto.CloneOf(m.pools[min(max(r.Id, 1), uint64(len(m.pools)))-1])
		found.Criteria = []byte(`{"version":1,"title":"Blutdruck, Erwachsene ♥","description":"Readings of the last year.",
			"media_type":"application/x-ndjson","schema":{"properties":{"birthDate":{"type":"string","pattern":"^<b>"}}},
			"fields":[{"pointer":"/birthDate","required":true,"purpose":"age groups"},{"pointer":"/gender","purpose":"<b>strata</b>"}]}`)
		return &nodepb.GetPoolResponse{Pool: found}
	})
}

func (m *market) ListValidators(context.Context, *nodepb.ListValidatorsRequest) (*nodepb.ListValidatorsResponse, error) {
	return answer(m, func() *nodepb.ListValidatorsResponse {
		return &nodepb.ListValidatorsResponse{Validators: []*nodepb.Validator{
			{Address: validatorAt(1), Moniker: "Seoul Data Check", Bond: api.FromAmount(1_000_000_000), CommissionBp: 100, Status: "bonded"},
			{Address: validatorAt(2), Moniker: "open-validator", Bond: api.FromAmount(2_000_000_000), CommissionBp: 125, Status: "bonded"},
			{Address: me, Moniker: "this node's", Bond: api.FromAmount(1_500_000_000), Status: "bonded"},
		}}
	})
}

func (m *market) GetValidator(context.Context, *nodepb.GetValidatorRequest) (*nodepb.GetValidatorResponse, error) {
	return answer(m, func() *nodepb.GetValidatorResponse {
		return &nodepb.GetValidatorResponse{Validator: &nodepb.Validator{
			Address: me, Moniker: "this node's", Bond: api.FromAmount(1_500_000_000), Staked: api.FromAmount(8_800_000), Status: "bonded",
		}}
	})
}

func (m *market) ListData(context.Context, *nodepb.ListDataRequest) (*nodepb.ListDataResponse, error) {
	return answer(m, func() *nodepb.ListDataResponse { return &nodepb.ListDataResponse{Data: m.data} })
}

func (m *market) GetData(_ context.Context, r *nodepb.GetDataRequest) (*nodepb.GetDataResponse, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if r.Id == "" {
		return &nodepb.GetDataResponse{}, nil
	}
	for _, d := range m.data {
		if d.Id == r.Id || d.Name == r.Id {
			return &nodepb.GetDataResponse{Data: d}, nil
		}
	}
	return nil, fmt.Errorf("data %q: %w", r.Id, pdx.ErrNotFound)
}

func (m *market) RemoveData(_ context.Context, r *nodepb.RemoveDataRequest) (*nodepb.RemoveDataResponse, error) {
	return answer(m, func() *nodepb.RemoveDataResponse {
		m.data = slices.DeleteFunc(m.data, func(d *nodepb.Data) bool { return d.Id == r.Id || d.Name == r.Id })
		return &nodepb.RemoveDataResponse{}
	})
}

// Register takes files that begin with a brace.
func (m *market) Register(_ context.Context, r *nodepb.AddDataRequest, report func(pdx.Progress)) (*nodepb.Data, error) {
	raw, err := os.ReadFile(r.Path)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(raw, []byte("{")) {
		return nil, fmt.Errorf("add data %s: %w: line 1 is not a JSON object", r.Path, pdx.ErrInvalid)
	}
	report(pdx.Progress{Stage: "reading", Done: 1, Total: 1})
	return answer(m, func() *nodepb.Data {
		m.registered = &nodepb.Data{
			Id: r.Name, Name: r.Name, Path: r.Path, MediaType: "application/x-ndjson", Size: uint64(len(raw)), Records: 1,
			Fields: []string{"/birthDate", "/gender"},
		}
		m.data = append(m.data, m.registered)
		return m.registered
	})
}

// Preview discloses what is asked for.
func (m *market) Preview(_ context.Context, r *nodepb.PreviewSaleRequest, report func(pdx.Progress)) (*nodepb.PreviewSaleResponse, error) {
	report(pdx.Progress{Stage: "checking", Done: 1, Total: 2})
	return answer(m, func() *nodepb.PreviewSaleResponse {
		res := &nodepb.PreviewSaleResponse{
			Pool: m.pools[0], Fields: r.Fields, Records: 120, Deposit: api.FromAmount(100_000), Price: api.FromAmount(10_000_000),
			Commission: api.FromAmount(200_000), Fees: api.FromAmount(1_000_000), Net: api.FromAmount(8_800_000),
			Sample:  []byte(`{"birthDate":"1970-05-02"}`),
			Samples: [][]byte{[]byte(`{"birthDate":"1970-05-02"}`), []byte(`{"birthDate":"` + hostile + `"}`)},
		}
		if res.Findings = m.findings; len(m.findings) > 0 && !r.SkipInvalid {
			res.Broken, res.FindingsTotal, res.ByRule = 7, 9, []*nodepb.RuleCount{{Rule: hostile, Records: 7}}
		}
		if r.SkipInvalid {
			res.Findings, res.Skipped = nil, 7
		}
		return res
	})
}

func (m *market) Sell(_ context.Context, r *nodepb.SellRequest) (*nodepb.SellResponse, error) {
	return answer(m, func() *nodepb.SellResponse {
		m.sold = r
		return &nodepb.SellResponse{Sale: &nodepb.Sale{Id: "s9", PoolId: r.PoolId, DataId: r.DataId, State: "projecting"}}
	})
}

func (m *market) CreatePool(_ context.Context, r *nodepb.CreatePoolRequest) (*nodepb.CreatePoolResponse, error) {
	return answer(m, func() *nodepb.CreatePoolResponse {
		m.opened++
		m.request = r
		return &nodepb.CreatePoolResponse{
			Pool: &nodepb.Pool{Id: 9, Title: r.Title, Buyer: me, Status: "open", Price: r.Price, TargetCount: r.TargetCount},
		}
	})
}

// ListSales says that there are older ones, to who asks for the newest.
func (m *market) ListSales(_ context.Context, r *nodepb.ListSalesRequest) (*nodepb.ListSalesResponse, error) {
	return answer(m, func() *nodepb.ListSalesResponse {
		if !r.Reverse {
			return &nodepb.ListSalesResponse{}
		}
		return &nodepb.ListSalesResponse{Sales: reversed(m.sales), NextCursor: "more"}
	})
}

func (m *market) ListPulls(_ context.Context, r *nodepb.ListPullsRequest) (*nodepb.ListPullsResponse, error) {
	return answer(m, func() *nodepb.ListPullsResponse {
		if !r.Reverse {
			return &nodepb.ListPullsResponse{}
		}
		return &nodepb.ListPullsResponse{Pulls: reversed(m.pulls)}
	})
}

func (m *market) ListTransfers(context.Context, *nodepb.ListTransfersRequest) (*nodepb.ListTransfersResponse, error) {
	return answer(m, func() *nodepb.ListTransfersResponse {
		m.moved += 3 << 20
		return &nodepb.ListTransfersResponse{Transfers: []*nodepb.Transfer{
			{
				Id: 1, Direction: "pull", Cid: "bafkr4ihkr4ld3m4gqkjf4reryxsy2s5tkbxprqkow6fin2iiyvreuzzq", Size: 50 << 20, Held: 50 << 20,
				Started: timestamppb.Now(), Ended: timestamppb.Now(),
			},
			{
				Id: 2, Direction: "serve", Cid: "bafkr4ihkr4ld3m4gqkjf4reryxsy2s5tkbxprqkow6fin2iiyvreuzzr", Size: 50 << 20, Held: m.moved % (50 << 20),
				Started: timestamppb.Now(), Rate: float64(m.moved%(7<<20) + 1<<20),
				Routes: []*nodepb.Route{{PeerId: "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp", Transport: "quic-v1", RttUs: 18_300}},
			},
		}}
	})
}

func reversed[E any](list []E) []E {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// ListDeals answers in pages of what is asked for.
func (m *market) ListDeals(_ context.Context, r *nodepb.ListDealsRequest) (*nodepb.ListDealsResponse, error) {
	return answer(m, func() *nodepb.ListDealsResponse {
		var found []*nodepb.Deal
		for _, d := range reversed(m.deals) {
			judged := slices.ContainsFunc(d.Certificates, func(c *nodepb.Certificate) bool { return c.Validator == r.Validator })
			if (r.Seller == "" || d.Seller == r.Seller) && (r.Buyer == "" || d.Buyer == r.Buyer) &&
				(r.Validator == "" || judged || r.Validator == me && d.State == "offered") && (r.State == "" || d.State == r.State) {
				found = append(found, d)
			}
		}
		from := 0
		_, _ = fmt.Sscan(r.Cursor, &from)
		to := min(from+int(r.Limit), len(found))
		res := &nodepb.ListDealsResponse{Deals: found[from:to]}
		if to < len(found) {
			res.NextCursor = fmt.Sprint(to)
		}
		return res
	})
}

func (m *market) GetDeal(_ context.Context, r *nodepb.GetDealRequest) (*nodepb.GetDealResponse, error) {
	return answer(m, func() *nodepb.GetDealResponse {
		for _, d := range m.deals {
			if d.Id == r.Id {
				found := proto.CloneOf(d)
				found.Pulled = &nodepb.Pulled{DealId: r.Id, Path: m.path}
				return &nodepb.GetDealResponse{Deal: found}
			}
		}
		return &nodepb.GetDealResponse{}
	})
}

// Withdraw stands for all that writes.
func (m *market) Withdraw(context.Context, *nodepb.WithdrawRequest) (*nodepb.WithdrawResponse, error) {
	m.change(func() { m.wrote = true })
	return &nodepb.WithdrawResponse{}, nil
}
