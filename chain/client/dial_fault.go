package client

import (
	"fmt"
	"strings"

	"github.com/medibloc/pdx"
)

// endpointCure is what to do about an endpoint that cannot be used.
const endpointCure = "see chain.grpc, chain.rpc and chain.endpoints in config.yaml"

// endpointError is the error of an endpoint that cannot be reached or does not answer, in one
// sentence. It wraps pdx.ErrUnavailable.
type endpointError struct{ text string }

// Error names the endpoint, its fault and the settings.
func (e *endpointError) Error() string { return e.text }

// Unwrap returns pdx.ErrUnavailable.
func (e *endpointError) Unwrap() error { return pdx.ErrUnavailable }

// deadEndpoint puts the failure of a connection into one sentence.
func deadEndpoint(address string, err error) error {
	return &endpointError{fmt.Sprintf("%v: chain endpoint %s %s; %s", pdx.ErrUnavailable, address, dialFault(err), endpointCure)}
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
