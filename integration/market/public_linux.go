package market

import (
	"fmt"
	"net/netip"
	"os/exec"
	"sync"
	"testing"

	"github.com/medibloc/pdx/integration/netlab"
)

// OpenPublic is Open on an internet: the chain and every node have a network
// namespace and a public address of their own, and reach each other through a
// router. Nodes are set up by `pdx init` with the flags of a real chain, and
// nothing else. Where namespaces cannot be made the test is skipped.
//
// The test itself is not on that internet: it speaks to the nodes over their
// sockets, and what reads the chain (Market.Chain) is not for it.
func OpenPublic(t testing.TB, o Options) *Market {
	t.Helper()
	net := newInternet(t)
	m := newMarket(t, net.start)
	at := net.address(chainHost).String()
	m.startChain(o, "--grpc", at+":9090", "--rpc", at+":26657")
	m.addAll(o, m.Fleet.AddPublic)
	m.start()
	return m
}

// chainHost is the name of the chain's process.
const chainHost = "chain"

// internet gives each process name a host with a public address, 45.N.1.1 for the
// Nth: an address group of its own, as strangers have.
type internet struct {
	t      testing.TB
	lab    *netlab.Lab
	router *netlab.Router
	mu     sync.Mutex
	hosts  map[string]publicHost
}

type publicHost struct {
	*netlab.Host
	at netip.Addr
}

func newInternet(t testing.TB) *internet {
	t.Helper()
	if err := netlab.Supported(); err != nil {
		t.Skip(err)
	}
	lab, err := netlab.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lab.Close(); err != nil {
			t.Error(err)
		}
	})
	router, err := lab.Router("internet")
	if err != nil {
		t.Fatal(err)
	}
	return &internet{t: t, lab: lab, router: router, hosts: map[string]publicHost{}}
}

func (n *internet) address(name string) netip.Addr {
	h, err := n.host(name)
	if err != nil {
		n.t.Fatal(err)
	}
	return h.at
}

func (n *internet) start(name string, process *exec.Cmd) error {
	h, err := n.host(name)
	if err != nil {
		return err
	}
	return h.Start(process)
}

// host returns the host of a name, made when it is first asked for.
func (n *internet) host(name string) (publicHost, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h, ok := n.hosts[name]; ok {
		return h, nil
	}
	host, err := n.lab.Host(name)
	if err != nil {
		return publicHost{}, err
	}
	h := publicHost{host, netip.AddrFrom4([4]byte{45, byte(len(n.hosts) + 1), 1, 1})}
	if _, err := n.router.Join(host, h.at, netlab.Link{}); err != nil {
		return h, fmt.Errorf("join %s to the internet: %w", name, err)
	}
	n.hosts[name] = h
	return h, nil
}
