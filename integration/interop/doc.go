// Package interop tests the nodes against another implementation: peers in JavaScript, with
// js-libp2p and CosmJS, that were written from docs/spec. `make interop` installs what they
// need and runs the tests.
package interop
