package market

import (
	"context"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"github.com/medibloc/pdx/chain/endpoints"
	"github.com/medibloc/pdx/integration/netlab"
	"github.com/medibloc/pdx/node/procs"
)

// OpenPublic is Open on an internet: the chain and every node have a network
// namespace and a public address of their own, and reach each other through a
// router. Nodes are set up by `pdx init` with the flags of a real chain, and
// nothing else. Where namespaces cannot be made the test is skipped.
//
// The test itself is not on that internet: it speaks to the nodes over their
// sockets, and reads the chain through relays.
func OpenPublic(t testing.TB, o Options) *Market {
	t.Helper()
	if err := netlab.Supported(); err != nil {
		t.Skip(err)
	}
	m, _ := OpenInternet(t, InternetOptions{Options: o})
	return m
}

// InternetOptions say what a market on an internet consists of.
type InternetOptions struct {
	Options
	// Prepare is called before a node is set up, when the chain runs, and returns
	// further flags of `pdx init`.
	Prepare func(m *Market, n *Internet, name string) []string
	// Launch changes a process before it starts.
	Launch func(name string, process *exec.Cmd)
	// Scenario says how nodes are connected, in the language of netlab.Lab.Scenario.
	Scenario string
}

// OpenInternet is OpenPublic for tests that change the network. It fails the test
// where namespaces cannot be made.
func OpenInternet(t testing.TB, o InternetOptions) (*Market, *Internet) {
	t.Helper()
	inet := newInternet(t, o.Scenario, o.Launch)
	m := newMarket(t, procs.Config{Start: inet.start, Observe: inet.observe})
	at := inet.address(ChainHost).String()
	inet.relays = [2]string{inet.Relay("127.0.0.1:0", at+":9090").At, inet.Relay("127.0.0.1:0", at+":26657").At}
	m.startChain(o.Options, "--grpc", at+":9090", "--rpc", at+":26657")
	m.connect()
	m.addAll(o.Options, func(ctx context.Context, name string, flags ...string) (*procs.Member, error) {
		if o.Prepare != nil {
			flags = append(flags, o.Prepare(m, inet, name)...)
		}
		return m.Fleet.AddPublic(ctx, name, flags...)
	})
	m.start()
	return m, inet
}

// ChainHost is the name of the chain's process.
const ChainHost = "chain"

// Internet gives each process name a host of its own in a scenario. A host behind NATs shares
// its public address with nobody.
type Internet struct {
	t        testing.TB
	launch   func(name string, process *exec.Cmd)
	scenario *netlab.Scenario
	relays   [2]string // gRPC, RPC
}

func newInternet(t testing.TB, scenario string, launch func(name string, process *exec.Cmd)) *Internet {
	t.Helper()
	lab, err := netlab.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lab.Close(); err != nil {
			t.Error(err)
		}
	})
	played, err := lab.Scenario(scenario)
	if err != nil {
		t.Fatal(err)
	}
	return &Internet{t: t, launch: launch, scenario: played}
}

// Relay forwards TCP connections to an address of the chain's host. It listens on the
// test's own loopback, or on the chain's host if the address is one of that.
func (n *Internet) Relay(listen, to string) *netlab.Relay {
	n.t.Helper()
	host, err := n.scenario.Host(ChainHost)
	if err != nil {
		n.t.Fatal(err)
	}
	open := net.Listen
	if !strings.HasPrefix(listen, "127.") {
		open = func(_, address string) (net.Listener, error) { return host.Listen(address) }
	}
	listener, err := open("tcp4", listen)
	if err != nil {
		n.t.Fatal(err)
	}
	relay := netlab.NewRelay(listener, func() (net.Conn, error) { return host.Dial(to) })
	n.t.Cleanup(relay.Close)
	return relay
}

func (n *Internet) observe(ends endpoints.Endpoints) endpoints.Endpoints {
	ends.GRPC, ends.RPC = n.relays[0], "http://"+n.relays[1]
	return ends
}

// Play has happen what sentences say; see netlab.Scenario.
func (n *Internet) Play(text string) error { return n.scenario.Play(text) }

func (n *Internet) address(name string) netip.Addr {
	h, err := n.scenario.Host(name)
	if err != nil {
		n.t.Fatal(err)
	}
	return h.Addr()
}

func (n *Internet) start(name string, process *exec.Cmd) error {
	if n.launch != nil {
		n.launch(name, process)
	}
	return n.Start(name, process)
}

// Start starts a process in the host of that name.
func (n *Internet) Start(name string, process *exec.Cmd) error {
	h, err := n.scenario.Host(name)
	if err != nil {
		return err
	}
	return h.Start(process)
}
