package netdb

import (
	"encoding/binary"
	"fmt"

	ma "github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
)

// encodeAddrs packs addresses, each after its length as an unsigned varint. It
// stops before the first that would exceed maxAddrs or maxAddrBytes.
func encodeAddrs(addrs []ma.Multiaddr) []byte {
	packed := []byte{}
	for i, a := range addrs {
		if a == nil {
			continue
		}
		raw := a.Bytes()
		if i == maxAddrs || len(packed)+binary.MaxVarintLen16+len(raw) > maxAddrBytes {
			break
		}
		packed = append(binary.AppendUvarint(packed, uint64(len(raw))), raw...)
	}
	return packed
}

// decodeAddrs reverses encodeAddrs.
func decodeAddrs(packed []byte) ([]ma.Multiaddr, error) {
	if len(packed) > maxAddrBytes {
		return nil, fmt.Errorf("%w: %d bytes of addresses", pdx.ErrCorrupt, len(packed))
	}
	var addrs []ma.Multiaddr
	for len(packed) > 0 {
		size, n := binary.Uvarint(packed)
		if n <= 0 || size > uint64(len(packed)-n) {
			return nil, fmt.Errorf("%w: stored address: wrong length", pdx.ErrCorrupt)
		}
		a, err := ma.NewMultiaddrBytes(packed[n : n+int(size)])
		if err != nil {
			return nil, fmt.Errorf("%w: stored address: %v", pdx.ErrCorrupt, err)
		}
		addrs, packed = append(addrs, a), packed[n+int(size):]
	}
	return addrs, nil
}
