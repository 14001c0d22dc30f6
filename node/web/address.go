package web

import (
	"fmt"
	"net"
	"strconv"

	"github.com/medibloc/pdx"
)

// localhost is the one name that is taken for a loopback address.
const localhost = "localhost"

// CheckAddress refuses what is not host:port on a loopback address, with
// pdx.ErrInvalid. Port 0 takes any free one.
func CheckAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%w: it wants host:port, like 127.0.0.1:8780", pdx.ErrInvalid)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%w: %q is not a port", pdx.ErrInvalid, port)
	}
	if ip := net.ParseIP(host); host != localhost && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%w: the page is for this machine only: give a loopback address, like 127.0.0.1:%s; from elsewhere, reach it through ssh -L", pdx.ErrInvalid, port)
	}
	return nil
}

// loopback reports whether a listener is where CheckAddress wants it: what
// localhost means is the system's to say.
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
