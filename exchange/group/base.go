package group

import (
	"encoding/binary"

	"github.com/medibloc/pdx"
)

// DatasetBase returns H, the base of a dataset's opening M = s·H; key is S. A verifier
// must compute H and never take it from a message: a sender that chose H = h·g could
// compute M = h·S from the public S = s·g alone. An error is as unlikely as with
// HashToGroup.
func DatasetBase(key pdx.Element, nonce [32]byte) (Point, error) {
	return HashToGroup("dataset-base", key[:], nonce[:])
}

// BlockBase returns H_j, the base of the key M_j = s·H_j of block j, counted from 0;
// key is S. An error is as unlikely as with HashToGroup.
func BlockBase(key pdx.Element, nonce [32]byte, j uint64) (Point, error) {
	return HashToGroup("block-base", key[:], nonce[:], binary.LittleEndian.AppendUint64(nil, j))
}
