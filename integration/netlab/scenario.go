//go:build linux

package netlab

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
)

// A Scenario is an internet whose hosts, and what happens to them, are said in sentences. The
// Nth host has the address 45.N.1.1, 2a05:N::1 in IPv6: an address group of its own, as
// strangers have.
type Scenario struct {
	lab    *Lab
	router *Router

	mu    sync.Mutex // guards the rest
	plans map[string]plan
	sites map[string]*Site
	cuts  [][2]string // pairs of hosts between which nothing passes
}

// plan is how a host is connected.
type plan struct {
	link      Link
	nats      []NATKind // the outermost first
	four, six bool
}

// Site is a host of a scenario and its line to the internet.
type Site struct {
	*Host
	wire  *Wire
	outer *Host      // that has the public address: the outermost NAT, or the host itself
	also  netip.Addr // its IPv6 address besides one of IPv4
}

// Addr returns the public address: that of IPv4, unless the host has none.
func (p *Site) Addr() netip.Addr { return p.wire.A }

// Also returns the IPv6 address of a host that has one of IPv4 too.
func (p *Site) Also() netip.Addr { return p.also }

// Scenario adds an internet with the hosts that the text describes, one sentence a line:
//
//	buyer behind symmetric nat
//	seller-1 behind full-cone nat behind port-restricted nat    # in that order from the host
//	seller-1 and seller-2 rate 10mbit delay 50ms loss 1%        # delay: of each direction
//	buyer has ipv6 only                                         # or: ipv4 and ipv6
//
// What is not described has an IPv4 address of its own, and a line without delay. Play says what
// happens. An error wraps pdx.ErrInvalid and names the line.
func (l *Lab) Scenario(text string) (*Scenario, error) {
	router, err := l.Router("internet")
	if err != nil {
		return nil, err
	}
	s := &Scenario{lab: l, router: router, plans: map[string]plan{}, sites: map[string]*Site{}}
	return s, s.Play(text)
}

// Host returns the host of a name, made when it is first asked for.
func (s *Scenario) Host(name string) (*Site, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.sites[name]; ok {
		return p, nil
	}
	host, err := s.lab.Host(name)
	if err != nil {
		return nil, err
	}
	n := byte(len(s.sites) + 1)
	four, six := netip.AddrFrom4([4]byte{45, n, 1, 1}), netip.AddrFrom16([16]byte{0x2a, 5, 0, n, 15: 1})
	p, plan := &Site{Host: host}, s.planOf(name)
	if !plan.four {
		four = six
	}
	if p.wire, p.outer, err = s.router.JoinBehind(host, four, plan.link, plan.nats...); err != nil {
		return nil, fmt.Errorf("join %s to the internet: %w", name, err)
	}
	if plan.four && plan.six {
		p.also = six
		if err := s.router.Also(p.wire, six); err != nil {
			return nil, fmt.Errorf("join %s to the internet by IPv6: %w", name, err)
		}
	}
	s.sites[name] = p
	return p, nil
}

// planOf returns the plan of a host. The scenario is locked.
func (s *Scenario) planOf(name string) plan {
	if p, ok := s.plans[name]; ok {
		return p
	}
	return plan{four: true}
}

// Play has happen what the text says, one sentence a line, besides those of Lab.Scenario for
// hosts that are not there yet:
//
//	seller-1 moves to 46.1.1.1            # its NAT does, if it is behind one; nobody is told
//	cut seller-1                          # its line, until: heal seller-1
//	cut buyer and seller-1 from relay     # all between the two sides, until: heal buyer and …
//
// It ends at the first sentence that fails.
func (s *Scenario) Play(text string) error {
	all, err := parse(text)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, said := range all {
		if err := s.say(said); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scenario) say(said sentence) error {
	for _, name := range said.hosts {
		p := s.sites[name]
		switch said.verb {
		case behind, line, has:
			if p != nil {
				return fmt.Errorf("host %s: %w: it is connected already; say so before", name, pdx.ErrWrongState)
			}
			if err := s.describe(name, said); err != nil {
				return err
			}
			continue
		}
		if p == nil {
			return fmt.Errorf("host %s: %w: no host of this name is connected", name, pdx.ErrNotFound)
		}
		var err error
		switch {
		case said.verb == moves:
			err = s.router.Move(p.outer, p.wire, said.to)
		case len(said.from) > 0:
			err = s.part(name, said.from, said.verb == cut)
		case said.verb == cut:
			p.wire.Cut()
		default:
			p.wire.Heal()
		}
		if err != nil {
			return err
		}
	}
	return s.applyCuts()
}

// describe adds what is said of a host to its plan.
func (s *Scenario) describe(name string, said sentence) error {
	p := s.planOf(name)
	switch said.verb {
	case behind:
		p.nats = said.nats
	case line:
		p.link = said.link
	case has:
		p.four, p.six = said.four, said.six
	}
	if len(p.nats) > 0 && p.six {
		return fmt.Errorf("host %s: %w: NATs have IPv4 only", name, pdx.ErrInvalid)
	}
	s.plans[name] = p
	return nil
}

// part notes or forgets that nothing passes between a host and others.
func (s *Scenario) part(name string, from []string, parted bool) error {
	for _, other := range from {
		if s.sites[other] == nil || other == name {
			return fmt.Errorf("host %s from %s: %w: name two hosts that are connected", name, other, pdx.ErrNotFound)
		}
		s.cuts = slices.DeleteFunc(s.cuts, func(c [2]string) bool {
			return c == [2]string{name, other} || c == [2]string{other, name}
		})
		if parted {
			s.cuts = append(s.cuts, [2]string{name, other})
		}
	}
	return nil
}

// applyCuts has the router drop what passes between parted hosts, by their present addresses.
func (s *Scenario) applyCuts() error {
	if s.cuts == nil { // there was none ever
		return nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "table inet cuts {}\nflush table inet cuts\ntable inet cuts {\nchain through {\ntype filter hook forward priority 0\n")
	for _, c := range s.cuts {
		for _, one := range s.sites[c[0]].addrs() {
			for _, other := range s.sites[c[1]].addrs() {
				if one.Is4() == other.Is4() {
					family := "ip"
					if one.Is6() {
						family = "ip6"
					}
					fmt.Fprintf(&b, "%[1]s saddr %[2]s %[1]s daddr %[3]s drop\n%[1]s saddr %[3]s %[1]s daddr %[2]s drop\n", family, one, other)
				}
			}
		}
	}
	fmt.Fprintf(&b, "}\n}\n")
	return s.router.nft(b.String())
}

func (p *Site) addrs() []netip.Addr {
	if p.also.IsValid() {
		return []netip.Addr{p.wire.A, p.also}
	}
	return []netip.Addr{p.wire.A}
}
