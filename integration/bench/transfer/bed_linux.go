package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/netlab"
)

// path is a link and how the hosts at its ends are set.
type path struct {
	rtt  time.Duration
	rate uint64
	mtu  int
	tcp  string
}

func tcpOf(name string) (netlab.TCP, error) {
	switch name {
	case "large":
		return netlab.LargeTCP, nil
	case "stock":
		return netlab.StockTCP, nil
	}
	return netlab.TCP{}, fmt.Errorf("-tcp %q: %w: it is large or stock", name, pdx.ErrInvalid)
}

// star returns a puller with a link of its own to each of several servers.
func star(paths ...path) (puller site, servers []site, done func() error, err error) {
	if err := netlab.Supported(); err != nil {
		return site{}, nil, nil, fmt.Errorf("%w: %w", errSkip, err)
	}
	lab, err := netlab.New()
	if err != nil {
		return site{}, nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, lab.Close())
		}
	}()
	to, err := lab.Host("puller")
	if err != nil {
		return site{}, nil, nil, err
	}
	for i, p := range paths {
		tcp, err := tcpOf(p.tcp)
		if err != nil {
			return site{}, nil, nil, err
		}
		from, err := lab.Host(fmt.Sprintf("server %d", i))
		if err != nil {
			return site{}, nil, nil, err
		}
		if err := errors.Join(from.SetTCP(tcp), to.SetTCP(tcp)); err != nil {
			return site{}, nil, nil, err
		}
		congestion, err := from.Congestion()
		if err != nil {
			return site{}, nil, nil, err
		}
		wire, err := lab.Connect(from, to, netlab.Link{RTT: p.rtt, Rate: p.rate, MTU: p.mtu})
		if err != nil {
			return site{}, nil, nil, err
		}
		servers = append(servers, site{address: wire.A.String(), start: from.Start, congestion: congestion})
		puller = site{address: wire.B.String(), start: to.Start}
	}
	return puller, servers, lab.Close, nil
}

// away has them at the ends of a path.
func away(p path) (*bed, error) {
	puller, servers, done, err := star(p)
	if err != nil {
		return nil, err
	}
	return &bed{server: servers[0], puller: puller, delayed: true, close: done}, nil
}
