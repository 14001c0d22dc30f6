package types

import (
	"bytes"

	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx/exchange/dedup"
)

// MaxOverlap is all of a dataset's records, in parts per million.
const MaxOverlap = 1_000_000

// RefusesDuplicates reports whether the pool does not take data that it bought before.
func (p Pool) RefusesDuplicates() bool { return len(p.TagCommitment) != 0 }

// RefusesDuplicates reports whether the deal's pool does not take data that it bought before.
func (d Deal) RefusesDuplicates() bool { return len(d.TagCommitment) != 0 }

// checkRecipient checks a validator's recipient key, which it may not have.
func checkRecipient(key []byte) error {
	if len(key) == 0 {
		return nil
	}
	if err := dedup.CheckRecipient(key); err != nil {
		return errorsmod.Wrap(ErrRecipientKey, err.Error())
	}
	return nil
}

// checkTagCommitment checks what a pool that refuses duplicates has, or that another has none
// of it.
func checkTagCommitment(commitment []byte, overlap uint32) error {
	switch {
	case len(commitment) != 0 && len(commitment) != hashLen:
		return errorsmod.Wrapf(ErrTagKeys, "commitment of %d bytes", len(commitment))
	case overlap > MaxOverlap:
		return errorsmod.Wrapf(ErrTagKeys, "overlap of %d parts in a million", overlap)
	case len(commitment) == 0 && overlap != 0:
		return errorsmod.Wrap(ErrTagKeys, "an overlap is bounded and there is no commitment")
	}
	return nil
}

// checkTagKeys checks the sealed tag keys of a pool with a commitment, or without one.
func checkTagKeys(commitment []byte, keys [][]byte, validators int) error {
	want := validators
	if len(commitment) == 0 {
		want = 0
	}
	if len(keys) != want {
		return errorsmod.Wrapf(ErrTagKeys, "%d keys, %d are wanted", len(keys), want)
	}
	for i, key := range keys {
		if len(key) != dedup.SealedKeyLen {
			return errorsmod.Wrapf(ErrTagKeys, "key %d has %d bytes", i, len(key))
		}
	}
	return nil
}

// checkRecordSet checks the record set of a certificate: there is one exactly if there is a
// duplicate tag.
func checkRecordSet(tag, root []byte, size uint64) error {
	if len(tag) == 0 && len(root) == 0 && size == 0 {
		return nil
	}
	if len(tag) == 0 || len(root) != hashLen || !dedup.ValidSize(size) {
		return errorsmod.Wrapf(ErrRecordSet, "tag of %d bytes, root of %d, size %d", len(tag), len(root), size)
	}
	return nil
}

// checkTagged checks that an accept in a pool that refuses duplicates says what it compared.
func (d Deal) checkTagged(verdict Verdict, tag []byte) error {
	if verdict == VERDICT_ACCEPT && d.RefusesDuplicates() && len(tag) == 0 {
		return errorsmod.Wrapf(ErrTagMissing, "deal %d", d.Id)
	}
	return nil
}

// CheckTagged checks a verdict on the deal for its duplicate tag.
func (d Deal) CheckTagged(m *MsgCertify) error { return d.checkTagged(m.Verdict, m.DuplicateTag) }

// sameDuplicates reports whether a deal has its pool's rule about duplicates.
func (d Deal) sameDuplicates(p Pool) bool {
	return bytes.Equal(d.TagCommitment, p.TagCommitment) && d.MaxOverlapPpm == p.MaxOverlapPpm
}

// checkTagKeys checks that exactly the pools that refuse duplicates have tag keys, once.
func (g GenesisState) checkTagKeys() error {
	pools := make(map[uint64]Pool, len(g.Pools))
	for _, p := range g.Pools {
		if p.RefusesDuplicates() {
			pools[p.Id] = p
		}
	}
	for _, k := range g.TagKeys {
		p, wanted := pools[k.PoolId]
		if !wanted {
			return errorsmod.Wrapf(ErrGenesis, "tag keys of pool %d, which has none or has them twice", k.PoolId)
		}
		delete(pools, k.PoolId)
		if err := checkTagKeys(p.TagCommitment, k.Keys, len(p.Validators)); err != nil {
			return errorsmod.Wrapf(err, "pool %d", k.PoolId)
		}
	}
	if len(pools) != 0 {
		return errorsmod.Wrapf(ErrGenesis, "%d pools that refuse duplicates have no tag keys", len(pools))
	}
	return nil
}
