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
