//go:build linux

package netlab

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// Host is a network namespace: a machine with its own addresses, ports and
// settings of TCP, and the loopback interface.
type Host struct {
	name   string
	ns     *os.File
	handle *netlink.Handle
	links  int
}

// Host adds a host. The name is for error messages.
func (l *Lab) Host(name string) (*Host, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ns, err := newNamespace()
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", name, err)
	}
	handle, err := netlink.NewHandleAt(netns.NsHandle(ns.Fd()))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("host %s: %w", name, err), ns.Close())
	}
	h := &Host{name: name, ns: ns, handle: handle}
	if err := h.up("lo"); err != nil {
		return nil, errors.Join(fmt.Errorf("host %s: %w", name, err), h.close())
	}
	l.hosts = append(l.hosts, h)
	return h, nil
}

// Do runs fn on a thread in the host's namespace. Sockets that fn opens belong to the host;
// goroutines that it starts do not run in the host.
func (h *Host) Do(fn func() error) error {
	return onThread(func() error {
		if err := enter(h.ns); err != nil {
			return err
		}
		return fn()
	})
}

// Start starts a process in the host.
func (h *Host) Start(cmd *exec.Cmd) error { return h.Do(cmd.Start) }

// Listen listens for TCP at an address of the host.
func (h *Host) Listen(address string) (l net.Listener, err error) {
	err = h.Do(func() error {
		l, err = net.Listen("tcp", address) //nolint:noctx // an address without a name: nothing to wait for
		return err
	})
	return l, err
}

// Dial connects from the host by TCP to an IP address and port, such as 198.18.0.2:80.
func (h *Host) Dial(address string) (c net.Conn, err error) {
	err = h.Do(func() error {
		c, err = net.Dial("tcp", address) //nolint:noctx // it has to stay on this thread
		return err
	})
	return c, err
}

// Sysctl sets a setting of the host's network, such as "net.ipv4.tcp_rmem".
func (h *Host) Sysctl(key, value string) error {
	err := h.Do(func() error { return os.WriteFile(sysctlPath(key), []byte(value), 0) })
	if err != nil {
		return fmt.Errorf("host %s: %s = %s: %w", h.name, key, value, err)
	}
	return nil
}

func sysctlPath(key string) string {
	return filepath.Join("/proc/sys", strings.ReplaceAll(key, ".", "/"))
}

func (h *Host) up(device string) error {
	link, err := h.handle.LinkByName(device)
	if err != nil {
		return fmt.Errorf("%s: %w", device, err)
	}
	if err := h.handle.LinkSetUp(link); err != nil {
		return fmt.Errorf("%s: set up: %w", device, err)
	}
	return nil
}

func (h *Host) close() error {
	h.handle.Close()
	return h.ns.Close()
}
