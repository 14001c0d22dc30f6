package simulation

import (
	"crypto/sha256"
	"math/rand"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/dedup"
)

// recipientKey returns the key of an account to which pools seal their tag keys.
func recipientKey(account sdk.AccAddress) []byte {
	seed := sha256.Sum256(account)
	r, err := dedup.NewRecipient(seed[:])
	check("recipient key", err)
	public := r.Public()
	return public[:]
}

// refuseDuplicates makes a message one for a pool that does not take data twice. The chain
// cannot read what is sealed, so anything of the right size will do.
func refuseDuplicates(r *rand.Rand, msg *types.MsgCreatePool) {
	msg.TagCommitment, msg.MaxOverlapPpm = make([]byte, 32), uint32(r.Intn(types.MaxOverlap+1))
	_, _ = r.Read(msg.TagCommitment)
	for range msg.Validators {
		key := make([]byte, dedup.SealedKeyLen)
		_, _ = r.Read(key)
		msg.TagKeys = append(msg.TagKeys, key)
	}
}

// setTag gives an accept a tag, and a set of one record, which nobody reads here.
func setTag(msg *types.MsgCertify, tag []byte) {
	msg.DuplicateTag, msg.RecordSet, msg.RecordSetSize = tag, tag, dedup.SealedSize(1)
}
