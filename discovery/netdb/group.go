package netdb

import "net/netip"

// groupKey returns a group as it is stored.
func groupKey(group netip.Prefix) []byte {
	return group.Addr().AsSlice() // nil for the zero Prefix
}
