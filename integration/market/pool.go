package market

import (
	"crypto/rand"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// Price is the price of a dataset in umed, unless a pool has another.
const Price pdx.Amount = 10_000_000

// Reward is what a verdict earns in umed.
const Reward pdx.Amount = 700_000

// Pool describes the buyer's request. Zero fields take the defaults named beside them.
type Pool struct {
	Criteria []byte // the sample criteria of Patient records
	Schemas  [][]byte
	Count    uint64 // 1
	Required int    // all validators
	Draw     uint32 // none
	AckMode  pdx.AckMode
	// Duplicates has the pool take data that it bought before.
	Duplicates bool
	// Validators that are trusted; the market's own.
	Validators []pdx.Address
}

// OpenPool opens a pool with one required term, number 1.
func (m *Market) OpenPool(p Pool) uint64 {
	m.T.Helper()
	if p.Criteria == nil {
		var err error
		p.Criteria, err = sample.Criteria(sample.Patient)
		m.Must(err, "sample criteria")
	}
	r := &nodepb.CreatePoolRequest{
		Criteria: p.Criteria, Schemas: p.Schemas, Price: api.FromAmount(Price),
		TargetCount: max(p.Count, 1), RequiredCertificates: uint32(p.Required),
		VerdictReward: api.FromAmount(Reward),
		RequestId:     rand.Text(), DrawCount: p.Draw, AckMode: string(p.AckMode),
		AllowDuplicates: p.Duplicates,
		Terms:           []*nodepb.Term{{Id: 1, Required: true, Title: "Research only"}},
	}
	if p.Validators == nil {
		for _, v := range m.Validators {
			p.Validators = append(p.Validators, v.Account)
		}
	}
	for _, v := range p.Validators {
		r.Validators = append(r.Validators, string(v))
	}
	if p.Required == 0 {
		r.RequiredCertificates = uint32(len(p.Validators))
	}
	res, err := m.Buyer.Client().CreatePool(m.T.Context(), r)
	m.Must(err, "open a pool")
	return res.Pool.Id
}

// Pull orders all datasets of a pool, present and to come.
func (m *Market) Pull(pool uint64) {
	m.T.Helper()
	_, err := m.Buyer.Client().Pull(m.T.Context(), &nodepb.PullRequest{PoolId: pool, Out: m.bought()})
	m.Must(err, "order the datasets")
}

func (m *Market) bought() string { return filepath.Join(m.Dir, "bought-"+m.Buyer.Name) }

// AddFile registers a file as data of a seller.
func (m *Market) AddFile(seller *procs.Member, name, path string) {
	m.T.Helper()
	_, err := api.AddData(m.T.Context(), seller.Client(), &nodepb.AddDataRequest{Path: path, Name: name}, nil)
	m.Must(err, "add data")
}

// Sell has a seller offer its data.
func (m *Market) Sell(seller *procs.Member, pool uint64, data string) *nodepb.Sale {
	m.T.Helper()
	return m.sell(seller, &nodepb.SellRequest{PoolId: pool, DataId: data, Agreed: []uint32{1}})
}

// SellUnchecked has a seller offer its data without looking at it first.
func (m *Market) SellUnchecked(seller *procs.Member, pool uint64, data string) *nodepb.Sale {
	m.T.Helper()
	return m.sell(seller, &nodepb.SellRequest{PoolId: pool, DataId: data, Agreed: []uint32{1}, Unchecked: true})
}

// SellTo has a seller offer its data as the request says, to be certified by one validator.
func (m *Market) SellTo(seller, validator *procs.Member, r *nodepb.SellRequest) *nodepb.Sale {
	m.T.Helper()
	r.Validators, r.Agreed = []string{string(validator.Account)}, []uint32{1}
	return m.sell(seller, r)
}

func (m *Market) sell(seller *procs.Member, r *nodepb.SellRequest) *nodepb.Sale {
	m.T.Helper()
	res, err := seller.Client().Sell(m.T.Context(), r)
	m.Must(err, "sell")
	return res.Sale
}
