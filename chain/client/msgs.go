package client

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// CreatePool opens a pool and moves price × target count into escrow.
func (l *Ledger) CreatePool(ctx context.Context, p pdx.NewPool) (pdx.PoolID, error) {
	escrow, err := p.Price.Times(p.TargetCount)
	if err != nil {
		return 0, err
	}
	mode, err := fromAckMode(p.AckMode)
	if err != nil {
		return 0, err
	}
	msg := &types.MsgCreatePool{
		Buyer: string(l.account), BuyerKey: p.Key[:], KeyProof: p.KeyProof,
		Price: coin(p.Price), Escrow: coin(escrow), TargetCount: p.TargetCount,
		CriteriaCid: p.Criteria.Bytes(), RequiredCertificates: p.Certificates,
		AckMode: mode, DrawCount: p.Draw, VerdictReward: uint64(p.Reward),
		Deadlines: fromDeadlines(p.Deadlines), ExpiryTime: p.Expiry.UTC(),
		Title: p.Title, MediaType: p.MediaType, MaxDatasetSize: p.MaxDataset,
	}
	if p.TagCommitment != [32]byte{} {
		msg.TagCommitment, msg.TagKeys, msg.MaxOverlapPpm = p.TagCommitment[:], p.TagKeys, p.MaxOverlap
	}
	if p.Draw != 0 {
		msg.DrawCommitment = p.DrawCommitment[:]
	}
	for _, v := range p.Validators {
		msg.Validators = append(msg.Validators, string(v))
	}
	for _, t := range p.Terms {
		msg.Terms = append(msg.Terms, types.Term{Id: t.ID, Required: t.Required, Title: t.Title, Description: t.Description})
	}
	res := &types.MsgCreatePoolResponse{}
	err = l.call(ctx, "create pool", msg, res)
	return pdx.PoolID(res.PoolId), err
}

// ClosePool ends a pool of this account and returns what was credited to it, and what is held
// for the offers that wait: that is at most maxCost, or the chain refuses it.
func (l *Ledger) ClosePool(ctx context.Context, id pdx.PoolID, maxCost pdx.Amount) (refund, held pdx.Amount, err error) {
	msg := &types.MsgClosePool{Buyer: string(l.account), PoolId: uint64(id), MaxCost: uint64(maxCost)}
	res := &types.MsgClosePoolResponse{}
	if err := l.call(ctx, fmt.Sprintf("close pool %d", id), msg, res); err != nil {
		return 0, 0, err
	}
	if refund, err = toAmount(res.Refund.Amount); err != nil {
		return 0, 0, err
	}
	held, err = toAmount(res.Held.Amount)
	return refund, held, err
}

// Offer opens a deal; the chain takes the deposit.
func (l *Ledger) Offer(ctx context.Context, o pdx.Offer) (pdx.DealID, error) {
	msg := &types.MsgOffer{
		Seller: string(l.account), PoolId: uint64(o.Pool), Dataset: fromDataset(o.Dataset), DisclosedFields: o.Fields,
		Price: coin(o.Price), MaxCommissionBp: o.MaxCommission, MaxDeposit: coin(o.MaxDeposit), TermsHash: o.TermsHash[:],
		Possession: o.Possession,
	}
	for _, v := range o.Validators {
		msg.Validators = append(msg.Validators, string(v))
	}
	for _, id := range o.Agreed {
		msg.Agreements = append(msg.Agreements, types.Agreement{TermId: id, Agreed: true})
	}
	res := &types.MsgOfferResponse{}
	err := l.call(ctx, fmt.Sprintf("offer into pool %d", o.Pool), msg, res)
	return pdx.DealID(res.DealId), err
}

// Reveal gives this buyer's part of the draws of a pool, and draws the deals that wait for it.
// It returns pdx.ErrRefused if the part is not the next one, as when it was revealed before.
func (l *Ledger) Reveal(ctx context.Context, r pdx.Reveal) error {
	msg := &types.MsgDraw{Sender: string(l.account), PoolId: uint64(r.Pool), Preimage: r.Preimage[:], Height: r.Height}
	return l.call(ctx, fmt.Sprintf("reveal the draws of pool %d", r.Pool), msg, &types.MsgDrawResponse{})
}

// Draw draws the deals of a pool that need no new part of its buyer: those that its last one
// serves, and those whose wait for it is over. It returns pdx.ErrWrongState if there are none.
func (l *Ledger) Draw(ctx context.Context, pool pdx.PoolID) error {
	msg := &types.MsgDraw{Sender: string(l.account), PoolId: uint64(pool)}
	return l.call(ctx, fmt.Sprintf("draw the deals of pool %d", pool), msg, &types.MsgDrawResponse{})
}

// WithdrawOffer ends a deal of this seller on which no validator has worked; its deposit is
// then withdrawable. pdx.ErrWrongState if its draw has begun, or it has a verdict.
func (l *Ledger) WithdrawOffer(ctx context.Context, deal pdx.DealID) error {
	msg := &types.MsgWithdrawOffer{Seller: string(l.account), DealId: uint64(deal)}
	return l.call(ctx, fmt.Sprintf("withdraw the offer of deal %d", deal), msg, &types.MsgWithdrawOfferResponse{})
}

// Certify records this validator's verdict about a deal with these facts (attest.Facts); the
// chain refuses it about others. The chain sets the certificate's Validator, Commission and
// Height, which are not read.
func (l *Ledger) Certify(ctx context.Context, deal pdx.DealID, facts [32]byte, certificate pdx.Certificate) error {
	msg := &types.MsgCertify{
		Validator: string(l.account), DealId: uint64(deal), FactsHash: facts[:], Verdict: types.VERDICT_REJECT,
		Reason: types.RejectReason(certificate.Reason), ReportHash: certificate.Report[:],
		Available: certificate.Available, ExpiryHeight: certificate.ExpiryHeight,
	}
	if certificate.Accepted {
		msg.Verdict = types.VERDICT_ACCEPT
	}
	if s := certificate.Set; !s.IsZero() {
		msg.DuplicateTag, msg.RecordSet, msg.RecordSetSize = s.Tag[:], s.Root[:], s.Size
	}
	return l.call(ctx, fmt.Sprintf("certify deal %d", deal), msg, &types.MsgCertifyResponse{})
}

// Ack states that this buyer holds the ciphertext of all these deals; all or none.
func (l *Ledger) Ack(ctx context.Context, deals []pdx.AckedDeal) error {
	msg := &types.MsgAck{Buyer: string(l.account)}
	for _, d := range deals {
		msg.DealIds, msg.FactsHashes = append(msg.DealIds, uint64(d.Deal)), append(msg.FactsHashes, d.Facts[:])
	}
	return l.call(ctx, fmt.Sprintf("ack deals %v", msg.DealIds), msg, &types.MsgAckResponse{})
}

// DefaultAck acknowledges a deal in place of its buyer, once the ack deadline has passed and
// if enough validators promised to serve the ciphertext.
func (l *Ledger) DefaultAck(ctx context.Context, deal pdx.DealID) error {
	msg := &types.MsgDefaultAck{Sender: string(l.account), DealId: uint64(deal)}
	return l.call(ctx, fmt.Sprintf("ack deal %d by default", deal), msg, &types.MsgDefaultAckResponse{})
}

// Challenge asks the validators that promised to serve a deal's ciphertext to show some of it.
// The chain takes the fee of the deal's terms.
func (l *Ledger) Challenge(ctx context.Context, c pdx.NewChallenge) error {
	msg := &types.MsgChallenge{Buyer: string(l.account), DealId: uint64(c.Deal), Chunks: c.Chunks, FactsHash: c.Facts[:]}
	return l.call(ctx, fmt.Sprintf("challenge the promises of deal %d", c.Deal), msg, &types.MsgChallengeResponse{})
}

// Answer shows what a challenge asks this validator for. It returns pdx.ErrWrongState if
// another one has answered, or the time for it is over.
func (l *Ledger) Answer(ctx context.Context, a pdx.Answer) error {
	msg := &types.MsgAnswer{Validator: string(l.account), DealId: uint64(a.Deal), Challenge: a.Challenge, Slices: a.Slices}
	return l.call(ctx, fmt.Sprintf("answer the challenge of deal %d", a.Deal), msg, &types.MsgAnswerResponse{})
}

// Deliver delivers a dataset's key, with a signed ack if there is no ack on chain.
func (l *Ledger) Deliver(ctx context.Context, d pdx.Delivery) error {
	msg := &types.MsgDeliver{Seller: string(l.account), DealId: uint64(d.Deal), D1: d.D1[:], D2: d.D2[:], Proof: d.Proof}
	if v := d.SignedAck; v != nil {
		msg.Voucher = &types.AckVoucher{
			AckHeight: v.AckHeight, ExpiryHeight: v.ExpiryHeight, PublicKey: v.PublicKey[:], Signature: v.Signature[:],
		}
	}
	return l.call(ctx, fmt.Sprintf("deliver deal %d", d.Deal), msg, &types.MsgDeliverResponse{})
}

// Complain convicts a delivered dataset by the evidence in c and returns what was credited
// to this buyer. It returns pdx.ErrRefused if the evidence does not show a fault.
func (l *Ledger) Complain(ctx context.Context, c pdx.Complaint) (pdx.Amount, error) {
	msg := &types.MsgComplain{Buyer: string(l.account), DealId: uint64(c.Deal)}
	if s := c.Segment; s != nil {
		msg.Segment = &types.SegmentComplaint{Index: s.Index, BlockKey: s.BlockKey[:], Proof: s.Proof, Slice: s.Slice}
	}
	if b := c.Box; b != nil {
		msg.Box = &types.BoxComplaint{Opening: b.Opening[:], Proof: b.Proof}
	}
	res := &types.MsgComplainResponse{}
	if err := l.call(ctx, fmt.Sprintf("complain about deal %d", c.Deal), msg, res); err != nil {
		return 0, err
	}
	return toAmount(res.Credited.Amount)
}

// Finalize ends the dispute period of a deal and credits its price; pdx.ErrWrongState
// before the period has passed.
func (l *Ledger) Finalize(ctx context.Context, deal pdx.DealID) error {
	msg := &types.MsgFinalize{Sender: string(l.account), DealId: uint64(deal)}
	return l.call(ctx, fmt.Sprintf("finalize deal %d", deal), msg, &types.MsgFinalizeResponse{})
}

// Expire ends a deal whose deadline has passed and returns the state in which it ended;
// pdx.ErrWrongState before the deadline has passed.
func (l *Ledger) Expire(ctx context.Context, deal pdx.DealID) (pdx.DealState, error) {
	res := &types.MsgExpireResponse{}
	msg := &types.MsgExpire{Sender: string(l.account), DealId: uint64(deal)}
	if err := l.call(ctx, fmt.Sprintf("expire deal %d", deal), msg, res); err != nil {
		return "", err
	}
	return pdx.DealState(dealStateWord(res.State)), nil
}

// Withdraw pays out this account's balance inside the module, and a bond that is free, and
// returns the amount. It returns pdx.ErrNoFunds if there is nothing to withdraw.
func (l *Ledger) Withdraw(ctx context.Context) (pdx.Amount, error) {
	res := &types.MsgWithdrawResponse{}
	if err := l.call(ctx, "withdraw", &types.MsgWithdraw{Address: string(l.account)}, res); err != nil {
		return 0, err
	}
	return toAmount(res.Amount.Amount)
}

// call sends msg and decodes the answer of its handler into answer.
func (l *Ledger) call(ctx context.Context, what string, msg sdk.Msg, answer proto.Message) error {
	if l.account == "" {
		return fmt.Errorf("%s: %w: there is no account to sign with", what, pdx.ErrInvalid)
	}
	if err := l.backend.Send(ctx, msg, answer); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func fromDataset(d pdx.Dataset) types.Dataset {
	return types.Dataset{
		Root: d.Root[:], Size_: d.Size, DatasetKey: d.Key[:], Nonce: d.Nonce[:], Aead: string(d.AEAD),
		Box: d.Box[:], KeyCommit: d.KeyCommit[:], PlaintextCommitment: d.Commitment[:],
	}
}
