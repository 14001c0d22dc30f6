// Package access decides by lists which peers, addresses and accounts a node has to do with.
package access

import (
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"

	"github.com/cosmos/btcutil/bech32"
	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"

	"github.com/medibloc/pdx"
)

// A List names peers, accounts and addresses.
type List struct {
	peers    map[peer.ID]bool
	accounts map[pdx.Address]bool
	prefixes []netip.Prefix
}

// ParseList parses entries, each a peer id, an account, an IP address or a range of addresses
// such as 192.0.2.0/24. It returns pdx.ErrInvalid for anything else.
func ParseList(entries []string) (List, error) {
	l := List{peers: map[peer.ID]bool{}, accounts: map[pdx.Address]bool{}}
	for _, text := range entries {
		if isAccount(text) {
			l.accounts[pdx.Address(text)] = true
		} else if id, err := peer.Decode(text); err == nil {
			l.peers[id] = true
		} else if prefix, err := parsePrefix(text); err == nil {
			l.prefixes = append(l.prefixes, prefix)
		} else {
			return l, fmt.Errorf("%w: %q: write a peer id, an account, an IP address or a range like 192.0.2.0/24", pdx.ErrInvalid, text)
		}
	}
	return l, nil
}

// isAccount reports whether text is an account with a valid checksum.
func isAccount(text string) bool {
	prefix, _, err := bech32.DecodeToBase256(text)
	return err == nil && prefix == pdx.AddressPrefix && strings.ToLower(text) == text
}

func parsePrefix(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		prefix, err := netip.ParsePrefix(text)
		return prefix.Masked(), err
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return addr.Prefix(addr.BitLen())
}

// Len returns the number of entries.
func (l List) Len() int { return len(l.peers) + len(l.accounts) + len(l.prefixes) }

// namesConns reports whether the list is about connections at all.
func (l List) namesConns() bool { return len(l.peers)+len(l.prefixes) > 0 }

// hasAddr reports whether a range of the list holds the IP address of a multiaddr. The address
// of a peer over a relay is not known.
func (l List) hasAddr(a multiaddr.Multiaddr) bool {
	if _, err := a.ValueForProtocol(multiaddr.P_CIRCUIT); err == nil {
		return false
	}
	ip, err := manet.ToIP(a)
	if err != nil {
		return false
	}
	addr, ok := netip.AddrFromSlice(ip)
	if !ok {
		return false
	}
	for _, p := range l.prefixes {
		if p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// Rules are a list of those that are denied, and a list of those that alone are allowed if it
// is not empty. What is denied counts before what is allowed. Peers and addresses concern
// connections; accounts concern requests, because a peer is connected before it proves its
// account. Rules is a libp2p connection gater and safe for concurrent use.
type Rules struct {
	allow, deny List
	refused     atomic.Uint64
}

var _ connmgr.ConnectionGater = (*Rules)(nil)

// NewRules returns rules of two lists of entries; see ParseList.
func NewRules(allow, deny []string) (*Rules, error) {
	r := &Rules{}
	var err error
	if r.allow, err = ParseList(allow); err != nil {
		return nil, fmt.Errorf("p2p.allow: %w", err)
	}
	if r.deny, err = ParseList(deny); err != nil {
		return nil, fmt.Errorf("p2p.deny: %w", err)
	}
	return r, nil
}

// Sizes returns the numbers of entries, and how often something was refused.
func (r *Rules) Sizes() (allowed, denied int, refused uint64) {
	return r.allow.Len(), r.deny.Len(), r.refused.Load()
}

// Account returns nil if this node deals with an account, or pdx.ErrRefused.
func (r *Rules) Account(account pdx.Address) error {
	denied := r.deny.accounts[account] || len(r.allow.accounts) > 0 && !r.allow.accounts[account]
	if denied {
		r.refused.Add(1)
		return fmt.Errorf("%w: account %s is not allowed on this node", pdx.ErrRefused, account)
	}
	return nil
}

// InterceptPeerDial implements connmgr.ConnectionGater: it decides on a peer by its id alone.
func (r *Rules) InterceptPeerDial(id peer.ID) bool {
	return r.count(!r.deny.peers[id] && (!r.allow.namesConns() || r.allow.peers[id] || len(r.allow.prefixes) > 0))
}

// InterceptAddrDial implements connmgr.ConnectionGater.
func (r *Rules) InterceptAddrDial(id peer.ID, a multiaddr.Multiaddr) bool {
	return r.count(r.conn(id, a))
}

// InterceptAccept implements connmgr.ConnectionGater, before the peer is known.
func (r *Rules) InterceptAccept(c network.ConnMultiaddrs) bool {
	a := c.RemoteMultiaddr()
	return r.count(!r.deny.hasAddr(a) && (!r.allow.namesConns() || len(r.allow.peers) > 0 || r.allow.hasAddr(a)))
}

// InterceptSecured implements connmgr.ConnectionGater, when the peer is known.
func (r *Rules) InterceptSecured(_ network.Direction, id peer.ID, c network.ConnMultiaddrs) bool {
	return r.count(r.conn(id, c.RemoteMultiaddr()))
}

// InterceptUpgraded implements connmgr.ConnectionGater.
func (r *Rules) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }

func (r *Rules) conn(id peer.ID, a multiaddr.Multiaddr) bool {
	if r.deny.peers[id] || r.deny.hasAddr(a) {
		return false
	}
	return !r.allow.namesConns() || r.allow.peers[id] || r.allow.hasAddr(a)
}

func (r *Rules) count(ok bool) bool {
	if !ok {
		r.refused.Add(1)
	}
	return ok
}
