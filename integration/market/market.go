package market

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// What a market has unless its test says otherwise.
const (
	Allowance  pdx.Amount = 1_000_000_000 // of every node
	Bond       pdx.Amount = 100_000_000
	Deposit    pdx.Amount = 1_000_000
	Commission            = 100 // basis points of a price, for each validator
)

// Deadlines of a market's deals, in the words of `pdx-localnet start`. The first
// is long enough to end nothing that goes on, on a busy machine.
const (
	Patient   = "certify=120s,ack=120s,key=120s,dispute=2s"
	Impatient = "certify=60s,ack=20s,key=15s,dispute=2s"
)

// blockInterval makes a deal pass in seconds.
const blockInterval = "200ms"

// Options say what a market consists of.
type Options struct {
	Validators, Sellers int
	Buyers              int      // 0: one
	Deadlines           string   // empty: Patient
	Chain               []string // more flags of `pdx-localnet start`
	// Flags are further flags of `pdx init` for the node of that name: buyer, buyer-2, validator-1,
	// seller-1 and so on. They are asked for when the chain runs.
	Flags func(m *Market, name string) []string
}

// Market is a running network. Helpers that buy do so as Buyer.
type Market struct {
	T          testing.TB
	Dir        string
	Fleet      *procs.Fleet
	Chain      *client.Client // reads
	Buyer      *procs.Member
	Buyers     []*procs.Member // Buyer is the first
	Validators []*procs.Member
	Sellers    []*procs.Member
}

// Open sets a market up: everybody runs and has money, and the validators are
// registered. It ends with the test.
func Open(t testing.TB, o Options) *Market {
	t.Helper()
	m := newMarket(t, procs.Config{})
	m.startChain(o)
	m.connect()
	m.addAll(o, m.Fleet.Add)
	m.start()
	return m
}

// newMarket returns a market without a chain and nodes. It fills in what of the
// configuration is the same for all.
func newMarket(t testing.TB, cfg procs.Config) *Market {
	t.Helper()
	bin := binaries(t)
	cfg.Dir, cfg.Pdx, cfg.Localnet = t.TempDir(), filepath.Join(bin, "pdx"), filepath.Join(bin, "pdx-localnet")
	m := &Market{T: t, Dir: cfg.Dir, Fleet: procs.New(cfg)}
	t.Cleanup(m.close)
	return m
}

func (m *Market) startChain(o Options, more ...string) {
	m.T.Helper()
	flags := append([]string{
		"--block-interval", blockInterval, "--deadlines", cmp.Or(o.Deadlines, Patient),
		"--min-bond", Bond.String(), "--offer-deposit", Deposit.String(),
	}, o.Chain...)
	m.Must(m.Fleet.StartChain(m.T.Context(), append(flags, more...)...), "start the chain")
}

// addAll sets all nodes up by add.
func (m *Market) addAll(o Options, add func(ctx context.Context, name string, flags ...string) (*procs.Member, error)) {
	m.T.Helper()
	one := func(name string) *procs.Member {
		var flags []string
		if o.Flags != nil {
			flags = o.Flags(m, name)
		}
		node, err := add(m.T.Context(), name, flags...)
		m.Must(err, "set up a node")
		return node
	}
	for i := range max(o.Buyers, 1) {
		name := "buyer"
		if i > 0 {
			name = fmt.Sprintf("buyer-%d", i+1)
		}
		m.Buyers = append(m.Buyers, one(name))
	}
	m.Buyer = m.Buyers[0]
	for i := range o.Validators {
		m.Validators = append(m.Validators, one(fmt.Sprintf("validator-%d", i+1)))
	}
	for i := range o.Sellers {
		m.Sellers = append(m.Sellers, one(fmt.Sprintf("seller-%d", i+1)))
	}
}

// start runs all nodes, gives them money and registers the validators.
func (m *Market) start() {
	m.T.Helper()
	t := m.T
	m.Must(All(m.Fleet.Members(), func(n *procs.Member) error { return n.Start(t.Context()) }), "start the nodes")
	m.Must(All(m.Fleet.Members(), func(n *procs.Member) error { return m.Fleet.Fund(t.Context(), n.Account, Allowance) }), "fund the nodes")
	m.Must(All(m.Validators, m.register), "register the validators")
}

// In returns the same market for a subtest, which its helpers then fail.
func (m *Market) In(t testing.TB) *Market {
	sub := *m
	sub.T = t
	return &sub
}

// As returns the same market for another of its buyers.
func (m *Market) As(buyer *procs.Member) *Market {
	other := *m
	other.Buyer = buyer
	return &other
}

// connect reads the chain wherever it listens now.
func (m *Market) connect() {
	m.T.Helper()
	if m.Chain != nil {
		m.Chain.Close()
	}
	var err error
	m.Chain, err = m.Fleet.Reader()
	m.Must(err, "connect to the chain")
}

func (m *Market) register(n *procs.Member) error {
	_, err := n.Client().RegisterValidator(m.T.Context(), &nodepb.RegisterValidatorRequest{
		Moniker: n.Name, Bond: api.FromAmount(Bond), CommissionBp: Commission, MaxCommissionBp: 1000, MaxCommissionChangeBp: 100,
	})
	return err
}

// close ends all processes and shows what they said if the test failed.
func (m *Market) close() {
	if err := m.Fleet.Stop(); err != nil {
		m.T.Error(err)
	}
	if m.Chain != nil {
		m.Chain.Close()
	}
	if m.T.Failed() {
		m.T.Log("the ends of all logs:\n" + m.Fleet.Tails())
	}
}

// Must fails the test on an error.
func (m *Market) Must(err error, what string) {
	m.T.Helper()
	if err != nil {
		m.T.Fatalf("%s: %v", what, err)
	}
}

// poll is how often something is looked at that is waited for.
const poll = 100 * time.Millisecond

// Until looks again and again until it holds, and fails the test when it does not
// in time. An error is a reason why it does not hold yet: processes may be down.
func (m *Market) Until(patience time.Duration, what string, holds func(context.Context) error) {
	m.T.Helper()
	ctx, cancel := context.WithTimeout(m.T.Context(), patience)
	defer cancel()
	m.Must(Poll(ctx, holds), fmt.Sprintf("wait %s until %s", patience, what))
}

// Poll looks again and again until it holds or ctx ends.
func Poll(ctx context.Context, holds func(context.Context) error) error {
	return pollEvery(ctx, poll, holds)
}

func pollEvery(ctx context.Context, pause time.Duration, holds func(context.Context) error) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	var last error
	for {
		err := holds(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil || last == nil { // else it is the end of ctx that speaks
			last = err
		}
		select {
		case <-ctx.Done():
			return last
		case <-tick.C:
		}
	}
}

// All does something with each at once.
func All[T any](list []T, do func(T) error) error {
	failed := make([]error, len(list))
	var work sync.WaitGroup
	for i, item := range list {
		work.Go(func() { failed[i] = do(item) })
	}
	work.Wait()
	for i, err := range failed {
		if err != nil {
			return fmt.Errorf("number %d: %w", i+1, err)
		}
	}
	return nil
}
