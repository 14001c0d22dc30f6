package silence

import (
	"fmt"
	"strings"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
)

// cure is what to do about an endpoint that cannot be used.
const cure = "see chain.grpc, chain.rpc and chain.endpoints in config.yaml"

// An Error is that of an endpoint that cannot be reached or does not answer, in one
// sentence. It wraps pdx.ErrUnavailable.
type Error struct{ text string }

// Error names the endpoint, its fault and the settings.
func (e *Error) Error() string { return e.text }

// Unwrap returns pdx.ErrUnavailable.
func (e *Error) Unwrap() error { return pdx.ErrUnavailable }

// dead puts the failure of a connection into one sentence.
func dead(address string, err error) error {
	return &Error{fmt.Sprintf("%v: chain endpoint %s %s; %s", pdx.ErrUnavailable, address, dialFault(err), cure)}
}

// Missing says for how long an endpoint has not answered, and when the last answer came; the
// zero time for none.
func Missing(address string, missing time.Duration, heard time.Time) error {
	last := "it has not answered since this node started"
	if !heard.IsZero() {
		last = "the last answer came at " + message.Time(heard)
	}
	return &Error{fmt.Sprintf("%v: chain endpoint %s has not answered for %s; %s; %s",
		pdx.ErrUnavailable, address, message.Duration(missing), last, cure)}
}

// dialFaults are what the system, TLS and gRPC say of a connection, and what that means.
// gRPC hands on only the text.
var dialFaults = []struct{ says, means string }{
	{"connection refused", "refuses connections: no node of the chain listens there, or it is starting"},
	{"no such host", "has an unknown host name: check its spelling and this machine's DNS"},
	{"server misbehaving", "has a host name that this machine's DNS cannot look up now"},
	{"network is unreachable", "cannot be reached: this machine has no network"},
	{"no route to host", "cannot be reached: there is no route to its host"},
	{"first record does not look like a TLS handshake", "does not speak TLS: write its address with http:// or without a scheme"},
	{"certificate", "has a TLS certificate that this machine does not accept"},
	{"i/o timeout", "does not answer"},
	{"deadline exceeded", "does not answer"},
	{"connection reset", "closed the connection"},
	{"broken pipe", "closed the connection"},
	{"EOF", "closed the connection"},
}

// dialFault says what is wrong with a connection. Errors of connections nest several deep, with
// quotes in quotes; the cause is in their last part.
func dialFault(err error) string {
	text := err.Error()
	for _, f := range dialFaults {
		if strings.Contains(text, f.says) {
			return f.means
		}
	}
	return "cannot be reached: " + text
}
