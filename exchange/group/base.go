package group

import (
	"encoding/binary"

	"github.com/medibloc/pdx"
)

// DatasetBase is H, the base of a dataset's key M = s·H. It must be computed,
// never taken from a message: a sender that chose H = h·g could compute the key
// M = h·S from the public S = s·g alone.
func DatasetBase(key pdx.Element, nonce [32]byte) (Point, error) {
	return HashToGroup("dataset-base", key[:], nonce[:])
}

// BlockBase is H_j, the base of the key M_j = s·H_j of block j, counted from 0.
func BlockBase(key pdx.Element, nonce [32]byte, j uint64) (Point, error) {
	return HashToGroup("block-base", key[:], nonce[:], binary.LittleEndian.AppendUint64(nil, j))
}
