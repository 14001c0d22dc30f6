package app_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	cmtcfg "github.com/cometbft/cometbft/config"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app/apptest"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
)

// priced is a message of the table, by its row's name.
type priced struct {
	name       string
	gas, bytes int
}

// pricing runs the messages of a deal as transactions.
type pricing struct {
	*apptest.Chain
	rows []priced
}

// run prices a message of a name; one without a name is only run.
func (p *pricing) run(name string, from pdx.Address, msg sdk.Msg) (raw []byte) {
	p.T.Helper()
	tx := p.Sign(from, msg)
	result := p.Block(tx)[0]
	if name != "" {
		p.rows = append(p.rows, priced{name, int(result.GasUsed), len(tx)})
	}
	return result.Data
}

// offer prices an offer and returns the number of its deal.
func (p *pricing) offer(name string, seller pdx.Address, msg *types.MsgOffer) uint64 {
	p.T.Helper()
	var answers sdk.TxMsgData
	require.NoError(p.T, answers.Unmarshal(p.run(name, seller, msg)))
	var response types.MsgOfferResponse
	require.NoError(p.T, response.Unmarshal(answers.MsgResponses[0].Value))
	return response.DealId
}

// TestGasTable holds the table of docs/spec/datapool.md, section 12, against
// transactions in real blocks: bytes to the few that numbers take, gas to 2 %.
func TestGasTable(t *testing.T) {
	names := []string{"buyer", "seller"}
	var validators []pdx.Address
	for i := range types.MaxPoolValidators {
		names = append(names, fmt.Sprintf("validator %d", i))
		validators = append(validators, datapooltest.Account(names[len(names)-1]))
	}
	p := &pricing{Chain: apptest.New(t, dbm.NewMemDB(), datapooltest.Params(), names)}
	for _, v := range validators {
		p.run(onlyFirst("MsgRegisterValidator", v == validators[0]), v, datapooltest.NewValidator(v, 100))
	}
	p.price(validators)
	p.priceLargest(validators)
	p.complaints(validators)
	p.firstOfTwo(validators)
	p.draws(validators)
	p.refuses(validators)
	p.challenges(validators)

	documented := gasTable(t)
	for _, row := range p.rows {
		t.Logf("| %s | %d | %d |", row.name, row.gas, row.bytes)
	}
	for _, row := range p.rows {
		doc, ok := documented[row.name]
		require.True(t, ok, "%s is not in the table", row.name)
		require.InEpsilon(t, row.gas, doc.gas, 0.02, "gas of %s", row.name)
		require.InDelta(t, row.bytes, doc.bytes, 16, "bytes of %s", row.name)
	}
	require.Len(t, documented, len(p.rows), "the table has rows that are not measured")
}

func onlyFirst(name string, first bool) string {
	if first {
		return name
	}
	return ""
}

// price goes through a life with small messages.
func (p *pricing) price(validators []pdx.Address) {
	buyer, seller, v := datapooltest.Account("buyer"), datapooltest.Account("seller"), validators[0]
	p.run("MsgUpdateValidator", v, &types.MsgUpdateValidator{
		Validator: string(v), PeerId: "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN", Moniker: "validator",
	})
	p.run("MsgAddBond", v, &types.MsgAddBond{Validator: string(v), Amount: datapooltest.Coin(1_000_000)})
	p.run("MsgSetCommission", v, &types.MsgSetCommission{Validator: string(v), CommissionBp: 120})
	key := seal.NewBuyerKey()
	p.run("MsgSetConditions", v, &types.MsgSetConditions{Validator: string(v), Conditions: types.DefaultConditions()})
	p.run("MsgCreatePool", buyer, p.Messages().NewPool(buyer, key, 9, validators[:3]...))
	sealed := datapooltest.Seal(nil)
	p.run("MsgOffer", seller, p.Messages().NewOffer(1, seller, sealed, validators[:3]...))
	p.run("MsgCertify", v, p.accept(1, v))
	withdrawn := p.offer("", seller, p.Messages().NewOffer(1, seller, datapooltest.Seal(nil), validators[:3]...))
	p.run("MsgWithdrawOffer", seller, &types.MsgWithdrawOffer{Seller: string(seller), DealId: withdrawn})
	p.run("MsgAck", buyer, p.Messages().NewAck(p.Deal(1)))
	p.run("MsgDeliver", seller, p.Messages().NewDelivery(p.Deal(1), sealed.Key))
	for !p.Deal(1).State.Ended() {
		p.Block()
	}
	p.run("MsgWithdraw", seller, &types.MsgWithdraw{Address: string(seller)})
	p.run("MsgClosePool", buyer, &types.MsgClosePool{Buyer: string(buyer), PoolId: 1})
	p.run("MsgUnbond", validators[31], &types.MsgUnbond{Validator: string(validators[31])})
	p.run("", validators[31], &types.MsgUpdateValidator{Validator: string(validators[31]), PeerId: "p"})
}

func (p *pricing) accept(deal uint64, v pdx.Address) *types.MsgCertify {
	msg := p.Messages().NewAccept(p.Deal(deal), v)
	msg.ExpiryHeight = p.Height + 1000
	return msg
}

// priceLargest makes the messages that the limits leave largest: of all terms,
// validators and fields, and an ack of a hundred deals.
func (p *pricing) priceLargest(validators []pdx.Address) {
	buyer, seller := datapooltest.Account("buyer"), datapooltest.Account("seller")
	pool := p.Messages().NewPool(buyer, seal.NewBuyerKey(), 200, validators[:31]...)
	pool.Terms = nil
	for i := range types.MaxTerms {
		pool.Terms = append(pool.Terms, types.Term{
			Id: uint32(i), Required: true,
			Title: strings.Repeat("t", types.MaxTermTitleLen), Description: strings.Repeat("d", types.MaxTermDescriptionLen),
		})
	}
	p.run("MsgCreatePool, largest", buyer, pool)
	offer := p.Messages().NewOffer(2, seller, datapooltest.Seal(nil), validators[:31]...)
	offer.TermsHash = types.HashTerms(pool.Terms)
	offer.Agreements, offer.DisclosedFields = nil, nil
	for i := range types.MaxTerms {
		offer.Agreements = append(offer.Agreements, types.Agreement{TermId: uint32(i), Agreed: true})
	}
	for i := range types.MaxDisclosedFields {
		offer.DisclosedFields = append(offer.DisclosedFields, fmt.Sprintf("/%0*d", types.MaxFieldLen-1, i))
	}
	large := p.offer("MsgOffer, largest", seller, offer)
	p.run("MsgCertify of that offer", validators[0], p.accept(large, validators[0]))

	p.run("", buyer, p.Messages().NewPool(buyer, seal.NewBuyerKey(), 200, validators[:1]...))
	var offers, accepts [][]byte
	for range types.MaxAcks {
		offers = append(offers, p.Sign(seller, p.Messages().NewOffer(3, seller, datapooltest.Seal(nil), validators[0])))
	}
	p.Block(offers...)
	var deals []types.Deal
	for id := large + 1; id <= large+types.MaxAcks; id++ {
		accepts = append(accepts, p.Sign(validators[0], p.accept(id, validators[0])))
		deals = append(deals, p.Deal(id))
	}
	p.Block(accepts...)
	p.run("MsgAck of 100 deals", buyer, p.Messages().NewAck(deals...))
}

// complaints convicts about a box and about a segment, and reckons the largest
// complaint that the limits allow, about a dataset of 16 TiB.
func (p *pricing) complaints(validators []pdx.Address) {
	buyer, seller := datapooltest.Account("buyer"), datapooltest.Account("seller")
	key, v := seal.NewBuyerKey(), validators[1]
	p.run("", buyer, p.Messages().NewPool(buyer, key, 9, validators[1:3]...))
	for i, sealed := range []datapooltest.Sealed{
		datapooltest.Seal(nil).SpoilBox(), datapooltest.Seal(make([]byte, 17*seal.PlainSegment)).SpoilSegment(3),
	} {
		v = validators[1+i]
		id := p.offer("", seller, p.Messages().NewOffer(4, seller, sealed, validators[1:3]...))
		p.run("", v, p.accept(id, v))
		p.run("", buyer, p.Messages().NewAck(p.Deal(id)))
		p.run("", seller, p.Messages().NewDelivery(p.Deal(id), sealed.Key))
		if i == 0 {
			p.run("MsgComplain about a box", buyer, p.Messages().NewBoxComplaint(p.Deal(id), key))
			continue
		}
		msg := p.Messages().NewSegmentComplaint(p.Deal(id), sealed, 3)
		p.run("MsgComplain about a segment", buyer, msg)
		last, more := p.rows[len(p.rows)-1], types.MaxSliceLen-len(msg.Segment.Slice)
		sliceGas := int(types.SliceGas(types.MaxSliceLen) - types.SliceGas(len(msg.Segment.Slice)))
		largest := priced{"MsgComplain, largest", last.gas + 10*more + sliceGas, last.bytes + more}
		p.rows = append(p.rows, largest)
		require.Less(p.T, largest.bytes, cmtcfg.DefaultMempoolConfig().MaxTxBytes, "the largest complaint fits no mempool")
		require.Less(p.T, int64(largest.bytes), cmttypes.DefaultConsensusParams().Block.MaxBytes)
	}
	p.Block()
	for range 8 {
		p.Block()
	}
	p.run("", v, &types.MsgAddBond{Validator: string(v), Amount: sdk.NewCoin(pdx.Denom, types.DefaultParams().MinBond)})
	p.run("MsgUnjail", v, &types.MsgUnjail{Validator: string(v)})
}

// firstOfTwo accepts a dataset that needs two certificates: the first moves no money.
func (p *pricing) firstOfTwo(validators []pdx.Address) {
	buyer, seller := datapooltest.Account("buyer"), datapooltest.Account("seller")
	pool := p.Messages().NewPool(buyer, seal.NewBuyerKey(), 9, validators[3:5]...)
	pool.RequiredCertificates = 2
	p.run("", buyer, pool)
	deal := p.offer("", seller, p.Messages().NewOffer(5, seller, datapooltest.Seal(nil), validators[3:5]...))
	p.run("MsgCertify, not the k-th accept", validators[3], p.accept(deal, validators[3]))
}

// draws offers into a pool that draws three validators, and reveals for one deal and for as many
// as one message draws.
func (p *pricing) draws(validators []pdx.Address) {
	buyer, seller := datapooltest.Account("buyer"), datapooltest.Account("seller")
	key := seal.NewBuyerKey()
	pool := p.Messages().NewPool(buyer, key, 99, validators[3:8]...)
	datapooltest.Draws(pool, key, 3)
	p.run("MsgCreatePool that draws", buyer, pool)
	reveal := func(name string) {
		p.Block()
		p.Block()
		query := types.Pool{Id: 6, Buyer: string(buyer), DrawCommitment: pool.DrawCommitment}
		msg := p.Messages().NewReveal(query, key)
		msg.Height = p.Height - 1
		p.run(name, buyer, msg)
		pool.DrawCommitment = msg.Preimage
	}
	deal := p.offer("MsgOffer that is drawn", seller, p.Messages().NewOffer(6, seller, datapooltest.Seal(nil)))
	reveal("MsgDraw of one deal")
	drawn := pdx.Address(p.Deal(deal).Validators[0].Address)
	p.run("MsgCertify of a drawn deal", drawn, p.accept(deal, drawn))
	var offers [][]byte
	for range types.MaxDraws {
		offers = append(offers, p.Sign(seller, p.Messages().NewOffer(6, seller, datapooltest.Seal(nil))))
	}
	p.Block(offers...)
	reveal("MsgDraw of 32 deals")
}

// refuses opens a pool that refuses duplicates, and certifies a deal of it.
func (p *pricing) refuses(validators []pdx.Address) {
	buyer, seller := datapooltest.Account("buyer"), datapooltest.Account("seller")
	key := seal.NewBuyerKey()
	pool := p.Messages().NewPool(buyer, key, 9, validators[3:4]...)
	p.Messages().RefuseDuplicates(pool, key)
	p.run("MsgCreatePool that refuses duplicates", buyer, pool)
	deal := p.offer("", seller, p.Messages().NewOffer(7, seller, datapooltest.Seal(nil), validators[3]))
	accept := p.accept(deal, validators[3])
	datapooltest.Tag(accept, make([]byte, 32))
	p.run("MsgCertify with a duplicate tag", validators[3], accept)
}

// challenges answers one chunk and sixteen of a ciphertext of 17 segments, and reckons the
// largest answer that the limits allow, about a dataset of 16 TiB.
func (p *pricing) challenges(validators []pdx.Address) {
	buyer, seller, v := datapooltest.Account("buyer"), datapooltest.Account("seller"), validators[8]
	pool := p.Messages().NewPool(buyer, seal.NewBuyerKey(), 9, v, validators[9])
	pool.AckMode = types.ACK_MODE_QUORUM
	p.run("", buyer, pool)
	sealed := datapooltest.Seal(make([]byte, 17*seal.PlainSegment))
	id := p.offer("", seller, p.Messages().NewOffer(8, seller, sealed, v, validators[9]))
	p.run("", v, p.accept(id, v))
	var chunks []uint64
	for i := range uint64(16) {
		chunks = append(chunks, 64*i+i)
	}
	for number, part := range [][]uint64{chunks[:1], chunks} {
		name := []string{"one chunk", "16 chunks"}[number]
		p.run("MsgChallenge about "+name, buyer, &types.MsgChallenge{
			Buyer: string(buyer), DealId: id, Chunks: part, FactsHash: p.Messages().FactsHash(p.Deal(id)),
		})
		p.run("MsgAnswer of "+name, v, &types.MsgAnswer{
			Validator: string(v), DealId: id, Challenge: uint32(number + 1), Slices: sealed.Chunks(part...),
		})
	}
	last := p.rows[len(p.rows)-1]
	size := 0
	for _, slice := range sealed.Chunks(chunks...) {
		size += len(slice)
	}
	const most = types.MaxChallengeChunks * types.MaxChunkSliceLen
	more := most - size + 3*(types.MaxChallengeChunks-len(chunks))
	largest := priced{"MsgAnswer, largest", last.gas + 10*more + int(types.SliceGas(most)-types.SliceGas(size)), last.bytes + more}
	p.rows = append(p.rows, largest)
	require.Less(p.T, largest.bytes, cmtcfg.DefaultMempoolConfig().MaxTxBytes, "the largest answer fits no mempool")
}

// gasTable reads the rows of section 12 of the page.
func gasTable(t *testing.T) map[string]priced {
	t.Helper()
	raw, err := os.ReadFile("../../docs/spec/datapool.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(raw), "\n## 12. Gas\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	table := map[string]priced{}
	for _, row := range regexp.MustCompile(`(?m)^\| (Msg[^|]*?) \| ([\d,]+) \| ([\d,]+) \|`).FindAllStringSubmatch(section, -1) {
		n := func(text string) int {
			v, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
			require.NoError(t, err)
			return v
		}
		table[row[1]] = priced{row[1], n(row[2]), n(row[3])}
	}
	free := func(name string) bool { return table[name].gas == 0 }
	require.False(t, slices.ContainsFunc([]string{"MsgOffer", "MsgDeliver"}, free), "no table")
	return table
}
