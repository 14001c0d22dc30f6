package discovery

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"

	"github.com/medibloc/pdx"
)

// The domains separate the keys of pools and of relays from every other hash.
const (
	poolDomain  = "pdx/pool/v1"
	relayDomain = "pdx/relay/v1"
)

// PoolKey returns the DHT key under which peers acting as role in a pool announce
// themselves: CIDv1, codec raw, sha2-256 over the frames of docs/spec/network.md.
func PoolKey(chainID string, pool pdx.PoolID, role pdx.Role) cid.Cid {
	var msg []byte
	msg = frame(msg, "domain", []byte(poolDomain))
	msg = frame(msg, "chain", []byte(chainID))
	msg = frame(msg, "pool", binary.BigEndian.AppendUint64(nil, uint64(pool)))
	msg = frame(msg, "role", []byte(role))
	return keyOf(msg)
}

// RelayKey returns the DHT key under which relays that are not validators announce
// themselves, made like PoolKey.
func RelayKey(chainID string) cid.Cid {
	return keyOf(frame(frame(nil, "domain", []byte(relayDomain)), "chain", []byte(chainID)))
}

// keyOf returns the CIDv1, codec raw, of the SHA-256 of a message.
func keyOf(msg []byte) cid.Cid {
	sum := sha256.Sum256(msg)
	hash, err := multihash.Encode(sum[:], multihash.SHA2_256)
	if err != nil {
		panic(err) // the code is known and the length is its own
	}
	return cid.NewCidV1(cid.Raw, hash)
}

// ContentKey returns the DHT key of a ciphertext, which is its CID.
func ContentKey(id pdx.ContentID) cid.Cid {
	key, err := cid.Cast(id.Bytes())
	if err != nil {
		panic(err) // every ContentID is a well-formed CID
	}
	return key
}

// frame appends LE32(len label) ‖ label ‖ LE64(len v) ‖ v.
func frame(dst []byte, label string, v []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(label)))
	dst = append(dst, label...)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(v)))
	return append(dst, v...)
}

func checkPresence(pool pdx.PoolID, role pdx.Role) error {
	switch role {
	case pdx.RoleSeller, pdx.RoleBuyer, pdx.RoleValidator:
	default:
		return fmt.Errorf("%w: no role %q", pdx.ErrInvalid, role)
	}
	if pool == 0 {
		return fmt.Errorf("%w: pools are numbered from 1", pdx.ErrInvalid)
	}
	return nil
}
