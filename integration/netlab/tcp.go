//go:build linux

package netlab

import (
	"errors"
	"os"
	"strings"
)

const congestionKey = "net.ipv4.tcp_congestion_control"

// TCP contains settings of a host's TCP: the buffers of one connection, in bytes, and the
// congestion control. An empty field keeps the machine's setting.
type TCP struct {
	Receive, Send string // "minimum default maximum"
	// Congestion are controls by preference: the first that the machine lets
	// anybody use (net.ipv4.tcp_allowed_congestion_control) counts.
	Congestion []string
}

var (
	// StockTCP is Linux as it is installed: net.ipv4.tcp_rmem and tcp_wmem of a
	// machine with 4 GiB or more, and CUBIC; where that is not allowed Reno, which
	// always is. 4 MiB of send buffer fill 1 Gbit/s over at most 33 ms.
	StockTCP = TCP{Receive: "4096 131072 6291456", Send: "4096 16384 4194304", Congestion: []string{"cubic", "reno"}}
	// LargeTCP lets a connection fill 1 Gbit/s over 200 ms: 25 MB in flight, and
	// as much again for what the kernel spends beside them. Congestion control is
	// the machine's.
	LargeTCP = TCP{Receive: "4096 131072 67108864", Send: "4096 65536 67108864"}
)

// SetTCP applies settings to TCP connections that the host opens from now on.
func (h *Host) SetTCP(t TCP) error {
	for _, s := range []struct{ key, value string }{{"net.ipv4.tcp_rmem", t.Receive}, {"net.ipv4.tcp_wmem", t.Send}} {
		if s.value == "" {
			continue
		}
		if err := h.Sysctl(s.key, s.value); err != nil {
			return err
		}
	}
	return h.setCongestion(t.Congestion)
}

func (h *Host) setCongestion(preferred []string) error {
	var refused []error
	for _, name := range preferred {
		err := h.Sysctl(congestionKey, name)
		if err == nil {
			return nil
		}
		refused = append(refused, err)
	}
	return errors.Join(refused...)
}

// Congestion returns the name of the congestion control of the host's TCP.
func (h *Host) Congestion() (string, error) {
	var name []byte
	err := h.Do(func() (err error) {
		name, err = os.ReadFile(sysctlPath(congestionKey))
		return err
	})
	return strings.TrimSpace(string(name)), err
}
