package web

import (
	"fmt"
	"net"
	"strconv"

	"github.com/medibloc/pdx"
)

// localhost is the only name that is accepted as a loopback address.
const localhost = "localhost"

// CheckAddress returns pdx.ErrInvalid for anything but host:port on a loopback
// address. Port 0 means any free port.
func CheckAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%w: write it like 127.0.0.1:8780", pdx.ErrInvalid)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%w: %q is not a port", pdx.ErrInvalid, port)
	}
	if ip := net.ParseIP(host); host != localhost && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%w: not a loopback address: the page is for this machine only; "+
			"set one such as 127.0.0.1:%s, and use ssh -L from elsewhere", pdx.ErrInvalid, port)
	}
	return nil
}

// loopback reports whether a listener is on a loopback address: the system decides
// what localhost means.
func loopback(l net.Listener) bool {
	at, ok := l.Addr().(*net.TCPAddr)
	return ok && at.IP.IsLoopback()
}

// hostsOf are the Host headers under which a browser may mean this server.
func hostsOf(configured string, l net.Listener) (base string, hosts map[string]bool) {
	name, _, _ := net.SplitHostPort(configured)
	at := l.Addr().(*net.TCPAddr)
	port := strconv.Itoa(at.Port)
	hosts = map[string]bool{}
	for _, host := range []string{name, at.IP.String(), localhost} {
		hosts[net.JoinHostPort(host, port)] = true
	}
	return "http://" + net.JoinHostPort(name, port) + "/", hosts
}
