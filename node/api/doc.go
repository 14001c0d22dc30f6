// Package api is the local interface of a node: one service definition
// (proto/pdx/node/v1), served as gRPC and as JSON over HTTP, by default on a
// unix socket that only the node's own user may open.
//
// It translates and decides nothing: the roles, the ledger and the node itself
// are behind small interfaces declared here. One table turns package pdx's
// errors into RPC codes and back, so that a client sees the same sentinels.
//
// Who can open the socket is the node's owner: there is no other
// authentication, and no TCP listener. The file mode is 0600.
package api
