package datapooltest

import (
	"crypto/sha256"
	"fmt"
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
)

// Price is the price of a dataset in a pool of NewPool, in umed. It is that of the earlier
// protocol's test vector.
const Price = 10_000_000

// Coin returns an amount as a message carries it.
func Coin(amount pdx.Amount) sdk.Coin {
	return sdk.NewCoin(pdx.Denom, math.NewIntFromUint64(uint64(amount)))
}

// NewValidator returns a message that is accepted from a funded account.
func NewValidator(account pdx.Address, commission uint32) *types.MsgRegisterValidator {
	public := Recipient(account).Public()
	return &types.MsgRegisterValidator{
		Validator:             string(account),
		Bond:                  sdk.NewCoin(pdx.Denom, Params().MinBond),
		CommissionBp:          commission,
		MaxCommissionBp:       types.BasisPoints,
		MaxCommissionChangeBp: 100,
		PeerId:                "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN",
		Addresses:             []string{"/ip4/127.0.0.1/tcp/4001"},
		Moniker:               "validator",
		RecipientKey:          public[:],
	}
}

// NewPool returns a message that is accepted in the present block: target datasets
// at Price, every validator trusted, one certificate required.
func (c *Chain) NewPool(buyer pdx.Address, key seal.BuyerKey, target uint64, validators ...pdx.Address) *types.MsgCreatePool {
	head := c.Head()
	possession, err := key.Prove(attest.PoolKey{ChainID: head.ChainID, Buyer: buyer}.Hash())
	if err != nil {
		panic(fmt.Sprintf("datapooltest: prove pool key: %v", err))
	}
	public := key.Public()
	return &types.MsgCreatePool{
		Buyer:                string(buyer),
		BuyerKey:             public[:],
		KeyProof:             possession,
		Price:                Coin(Price),
		Escrow:               Coin(pdx.Amount(Price * target)),
		TargetCount:          target,
		CriteriaCid:          pdx.ContentID(sha256.Sum256([]byte("criteria"))).Bytes(),
		RequiredCertificates: 1,
		Validators:           texts(validators),
		AckMode:              types.ACK_MODE_BUYER,
		Terms:                Terms(),
		ExpiryTime:           head.Time.Add(1000 * BlockTime),
		Title:                "Blood pressure, adults",
		MediaType:            "application/fhir+ndjson",
	}
}

// DrawLength is how many preimages the pools of tests have.
const DrawLength = 64

// Draws makes a message one for a pool that draws n of its validators.
func Draws(msg *types.MsgCreatePool, key seal.BuyerKey, n uint32) {
	commitment := key.DrawChain(DrawLength).Commitment()
	msg.DrawCount, msg.DrawCommitment = n, commitment[:]
}

// NewReveal returns a message that is accepted from the buyer of a pool that draws and whose
// key this is, if no deal waits that an earlier one serves.
func (c *Chain) NewReveal(pool types.Pool, key seal.BuyerKey) *types.MsgDraw {
	preimage, err := key.DrawChain(DrawLength).Preimage([32]byte(pool.DrawCommitment))
	if err != nil {
		panic(fmt.Sprintf("datapooltest: reveal: %v", err))
	}
	return &types.MsgDraw{Sender: pool.Buyer, PoolId: pool.Id, Preimage: preimage[:], Height: c.Head().Height - 1}
}

// Terms returns those of a pool of NewPool.
func Terms() []types.Term {
	return []types.Term{
		{Id: 1, Required: true, Title: "Use", Description: "For research only."},
		{Id: 2, Title: "Contact", Description: "May ask again."},
	}
}

// NewOffer returns a message that is accepted by a pool of NewPool with the default deposit.
func (c *Chain) NewOffer(pool uint64, seller pdx.Address, sealed Sealed, validators ...pdx.Address) *types.MsgOffer {
	return &types.MsgOffer{
		Seller:          string(seller),
		PoolId:          pool,
		Dataset:         OnChain(sealed.Dataset),
		Validators:      texts(validators),
		Agreements:      []types.Agreement{{TermId: 1, Agreed: true}, {TermId: 2}},
		DisclosedFields: []string{"/resourceType", "/valueQuantity"},
		Price:           Coin(Price),
		MaxCommissionBp: types.BasisPoints,
		MaxDeposit:      sdk.NewCoin(pdx.Denom, Params().OfferDeposit),
		TermsHash:       types.HashTerms(Terms()),
		Possession:      sealed.Possession(c.Head().ChainID, pool, seller),
	}
}

// FactsHash returns what a validator and a buyer compute from the deal that they checked; it
// is made here without the keeper's help. It is 32 zero bytes for the zero deal.
func (c *Chain) FactsHash(deal types.Deal) []byte {
	if deal.Id == 0 {
		return make([]byte, 32)
	}
	criteria, err := pdx.ContentIDFromBytes(deal.CriteriaCid)
	if err != nil {
		panic(fmt.Sprintf("datapooltest: criteria: %v", err))
	}
	ds := deal.Dataset
	hash := attest.Facts{
		ChainID: c.Head().ChainID, Pool: pdx.PoolID(deal.PoolId), Deal: pdx.DealID(deal.Id), Seller: pdx.Address(deal.Seller),
		Buyer: pdx.Address(deal.Buyer), BuyerKey: pdx.Element(deal.BuyerKey), Denom: pdx.Denom, Price: deal.Price.Uint64(),
		Required: deal.RequiredCertificates, Criteria: criteria, Terms: [32]byte(deal.TermsHash), Fields: [32]byte(deal.FieldsHash),
		Root: pdx.ContentID(ds.Root), Size: ds.Size_, Key: pdx.Element(ds.DatasetKey), Nonce: [32]byte(ds.Nonce),
		AEAD: pdx.AEAD(ds.Aead), Box: [48]byte(ds.Box), KeyCommit: [32]byte(ds.KeyCommit), Commitment: [32]byte(ds.PlaintextCommitment),
	}.Hash()
	return hash[:]
}

// NewAck returns a message that is accepted from the buyer of deals that are certified.
func (c *Chain) NewAck(deals ...types.Deal) *types.MsgAck {
	msg := &types.MsgAck{}
	for _, d := range deals {
		msg.Buyer = d.Buyer
		msg.DealIds, msg.FactsHashes = append(msg.DealIds, d.Id), append(msg.FactsHashes, c.FactsHash(d))
	}
	return msg
}

// NewAccept returns a message that is accepted from a validator of the deal.
func (c *Chain) NewAccept(deal types.Deal, validator pdx.Address) *types.MsgCertify {
	report := sha256.Sum256([]byte("report"))
	return &types.MsgCertify{
		Validator:    string(validator),
		DealId:       deal.Id,
		FactsHash:    c.FactsHash(deal),
		Verdict:      types.VERDICT_ACCEPT,
		ReportHash:   report[:],
		Available:    true,
		ExpiryHeight: c.Head().Height + 1000,
	}
}

// NewReject returns a message that is accepted from a validator of the deal.
func (c *Chain) NewReject(deal types.Deal, validator pdx.Address) *types.MsgCertify {
	msg := c.NewAccept(deal, validator)
	msg.Verdict, msg.Reason, msg.Available, msg.ExpiryHeight = types.VERDICT_REJECT, types.REJECT_REASON_CRITERIA, false, 0
	return msg
}

// NewDelivery returns a message that is accepted for a deal that is acked.
func (c *Chain) NewDelivery(deal types.Deal, key *seal.Key) *types.MsgDeliver {
	terms := DeliverContext(c.Head().ChainID, deal)
	d1, d2, proof, err := key.Deliver(terms.Hash(), pdx.Element(deal.BuyerKey))
	if err != nil {
		panic(fmt.Sprintf("datapooltest: deliver: %v", err))
	}
	return &types.MsgDeliver{Seller: deal.Seller, DealId: deal.Id, D1: d1[:], D2: d2[:], Proof: proof}
}

// DeliverContext returns what a seller reads from the deal to bind its delivery to;
// it is made here without the keeper's help.
func DeliverContext(chainID string, deal types.Deal) attest.Deliver {
	criteria, err := pdx.ContentIDFromBytes(deal.CriteriaCid)
	if err != nil {
		panic(fmt.Sprintf("datapooltest: criteria: %v", err))
	}
	var accepted []pdx.Certificate
	for _, c := range deal.Accepted() {
		accepted = append(accepted, pdx.Certificate{
			Validator: pdx.Address(c.Validator), Accepted: true, Report: [32]byte(c.ReportHash),
			ExpiryHeight: c.ExpiryHeight, Commission: c.CommissionBp,
		})
	}
	ds := deal.Dataset
	return attest.Deliver{
		ChainID: chainID,
		Pool:    pdx.PoolID(deal.PoolId),
		Deal:    pdx.DealID(deal.Id),
		Seller:  pdx.Address(deal.Seller),
		Buyer:   pdx.Address(deal.Buyer),
		Denom:   pdx.Denom,
		Price:   deal.Price.Uint64(),
		Cert: attest.CertHash(pdx.Dataset{
			Root: pdx.ContentID(ds.Root), Size: ds.Size_, Key: pdx.Element(ds.DatasetKey), Nonce: [32]byte(ds.Nonce),
			AEAD: pdx.AEAD(ds.Aead), Box: [48]byte(ds.Box), KeyCommit: [32]byte(ds.KeyCommit), Commitment: [32]byte(ds.PlaintextCommitment),
		}, criteria, accepted),
		AckHeight: deal.AckHeight,
	}
}

func texts(accounts []pdx.Address) []string {
	var list []string
	for _, a := range accounts {
		list = append(list, string(a))
	}
	return list
}

// Past opens blocks, one BlockTime apart, until the present one is beyond a height and a
// time. The end blocker of the present block has not run: what has this deadline is still
// as it was.
func (c *Chain) Past(height int64, t time.Time) error {
	for head := c.Head(); head.Height <= height || !head.Time.After(t); head = c.Head() {
		if _, err := c.NextBlock(BlockTime); err != nil {
			return err
		}
	}
	return nil
}
