//go:build linux

package netlab

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/medibloc/pdx"
)

// maxLinks is how many pairs of addresses 198.18.0.0/15 has.
const maxLinks = 1 << 16

// Lab is a set of hosts and links that end together.
type Lab struct {
	mu    sync.Mutex
	hosts []*Host
	wires []*Wire
}

// New returns a lab without hosts.
func New() (*Lab, error) {
	if err := Supported(); err != nil {
		return nil, err
	}
	return &Lab{}, nil
}

// Supported returns nil if labs can be created; otherwise the error says what is missing and
// wraps pdx.ErrUnavailable.
func Supported() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("network namespaces: %w: root is needed", pdx.ErrUnavailable)
	}
	tun, err := os.OpenFile(tunPath, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("TUN devices: %w: %w", pdx.ErrUnavailable, err)
	}
	if err := tun.Close(); err != nil {
		return fmt.Errorf("TUN devices: %w", err)
	}
	ns, err := newNamespace()
	if err != nil {
		return fmt.Errorf("network namespaces: %w: %w", pdx.ErrUnavailable, err)
	}
	return ns.Close()
}

// IPv6Supported returns nil if hosts can have IPv6 addresses; otherwise the error says why and
// wraps pdx.ErrUnavailable.
func IPv6Supported() error {
	if _, err := os.Stat("/proc/sys/net/ipv6"); err != nil {
		return fmt.Errorf("IPv6: %w: this kernel has none", pdx.ErrUnavailable)
	}
	return nil
}

// RateSupported returns nil if links can have a rate; otherwise the error says what is missing
// and wraps pdx.ErrUnavailable.
func RateSupported() error {
	lab, err := New()
	if err != nil {
		return err
	}
	router, err := lab.Router("trial")
	if err != nil {
		return errors.Join(err, lab.Close())
	}
	h, err := lab.Host("trial")
	if err == nil {
		_, err = router.Join(h, insideAddr, Link{Rate: 1e6})
	}
	if err != nil {
		err = fmt.Errorf("rates: %w: the kernel's token bucket (sch_tbf): %w", pdx.ErrUnavailable, err)
	}
	return errors.Join(err, lab.Close())
}

// Close takes down the links, then the hosts. Processes that still run in a host
// keep its namespace, without links. Closing again does nothing.
func (l *Lab) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, w := range l.wires {
		errs = append(errs, w.close())
	}
	for _, h := range l.hosts {
		errs = append(errs, h.close())
	}
	l.wires, l.hosts = nil, nil
	return errors.Join(errs...)
}

// pair returns the two addresses of the nth link.
func pair(n int) (a, b netip.Addr, err error) {
	if n >= maxLinks {
		return a, b, fmt.Errorf("link %d: %w: a lab has at most %d", n, pdx.ErrInvalid, maxLinks)
	}
	at := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{198, byte(18 + i>>16), byte(i >> 8), byte(i)}) }
	return at(2 * n), at(2*n + 1), nil
}

// pair6 returns the address of the router at the nth link in IPv6: of 2001:2::/48, which is set
// aside for such networks too.
func pair6(n int) netip.Addr {
	return netip.AddrFrom16([16]byte{0x20, 1, 0, 2, 14: byte(n >> 8), 15: byte(n)})
}

// newNamespace returns an empty network namespace that lives while the file is open.
func newNamespace() (ns *os.File, err error) {
	err = onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("unshare: %w", err)
		}
		ns, err = os.Open(threadNamespace)
		return err
	})
	return ns, err
}
