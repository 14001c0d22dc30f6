package datapooltest

import (
	"crypto/sha256"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/exchange/seal"
)

// Recipient returns the key pair of a validator, to which pools seal their tag keys.
func Recipient(account pdx.Address) dedup.Recipient {
	seed := sha256.Sum256([]byte(account))
	r, err := dedup.NewRecipient(seed[:])
	if err != nil {
		panic(fmt.Sprintf("datapooltest: recipient key: %v", err))
	}
	return r
}

// TagKey returns the tag key of the pool with this buyer key.
func (c *Chain) TagKey(key seal.BuyerKey) dedup.Key {
	return dedup.NewKey(dedup.Pool{ChainID: c.Head().ChainID, BuyerKey: key.Public()}, key.TagSecret())
}

// RefuseDuplicates makes a message one for a pool that does not take data twice. Its
// validators are registered by NewValidator.
func (c *Chain) RefuseDuplicates(msg *types.MsgCreatePool, key seal.BuyerKey) {
	tagKey := c.TagKey(key)
	commitment := tagKey.Commitment()
	msg.TagCommitment, msg.TagKeys = commitment[:], nil
	for _, v := range msg.Validators {
		public := Recipient(pdx.Address(v)).Public()
		sealed, err := tagKey.SealTo(pdx.Address(v), public[:])
		if err != nil {
			panic(fmt.Sprintf("datapooltest: seal tag key: %v", err))
		}
		msg.TagKeys = append(msg.TagKeys, sealed)
	}
}

// Tag gives a certificate a duplicate tag, with a record set that goes with it.
func Tag(msg *types.MsgCertify, tag []byte) {
	root := sha256.Sum256(tag)
	msg.DuplicateTag, msg.RecordSet, msg.RecordSetSize = tag, root[:], dedup.SealedSize(2)
}
