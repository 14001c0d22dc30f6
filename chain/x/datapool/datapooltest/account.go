package datapooltest

import (
	"crypto/sha256"
	"fmt"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
)

// Account returns the address that belongs to a name.
func Account(name string) pdx.Address {
	account, err := attest.AccountOf(keyOf(name).PubKey().SerializeCompressed())
	if err != nil {
		panic(fmt.Sprintf("datapooltest: account %q: %v", name, err))
	}
	return account
}

// keyOf returns the account key that belongs to a name.
func keyOf(name string) *secp256k1.PrivateKey {
	sum := sha256.Sum256([]byte(name))
	return secp256k1.PrivKeyFromBytes(sum[:])
}

// Sign signs with the key of a name's account, as a wallet signs: r ‖ s over the
// message's SHA-256.
func Sign(name string, message []byte) (signature, publicKey []byte) {
	key, digest := keyOf(name), sha256.Sum256(message)
	return ecdsa.SignCompact(key, digest[:], true)[1:], key.PubKey().SerializeCompressed() // without the recovery byte
}

// Authority returns the address that may change the parameters.
func Authority() pdx.Address { return Account("authority") }

// NewVoucher returns a buyer's ack of the deal, signed with the key of a name's
// account, for a delivery from a finished block to a last one.
func (c *Chain) NewVoucher(deal types.Deal, signer string, ack, expiry int64) *types.AckVoucher {
	voucher := attest.SignedAck{
		ChainID: c.Head().ChainID, Pool: pdx.PoolID(deal.PoolId), Deal: pdx.DealID(deal.Id), Buyer: pdx.Address(deal.Buyer),
		Root: pdx.ContentID(deal.Dataset.Root), AckHeight: ack, ExpiryHeight: expiry,
	}
	signature, public := Sign(signer, voucher.SignBytes())
	return &types.AckVoucher{AckHeight: ack, ExpiryHeight: expiry, PublicKey: public, Signature: signature}
}
