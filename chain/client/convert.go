package client

import (
	"fmt"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
)

// The chain's answers are foreign bytes: every length is checked here.

func toPool(p types.Pool) (pdx.Pool, error) {
	r := reader{what: fmt.Sprintf("pool %d", p.Id)}
	pool := pdx.Pool{
		ID: pdx.PoolID(p.Id), Buyer: pdx.Address(p.Buyer), Title: p.Title, MediaType: p.MediaType,
		TargetCount: p.TargetCount, ReservedCount: p.ReservedCount, DeliveredCount: p.DeliveredCount,
		Certificates: p.RequiredCertificates, Validators: toAddresses(p.Validators),
		Terms: toTerms(p.Terms), Deadlines: toDeadlines(p.Deadlines), Expiry: p.ExpiryTime,
		Draw: p.DrawCount, DrawHeight: p.DrawHeight, RevealHeight: p.RevealHeight,
		Reward:   pdx.Amount(p.VerdictReward),
		AckMode:  r.ackMode(p.AckMode),
		Status:   pdx.PoolStatus(r.known("status", poolStatusWord(p.Status), types.PoolStatus_name, int32(p.Status))),
		Key:      pdx.Element(r.bytes32("buyer key", p.BuyerKey)),
		Price:    r.amount("price", p.Price),
		Escrow:   r.amount("escrow", p.Escrow),
		Criteria: r.cid("criteria", p.CriteriaCid), MaxDataset: p.MaxDatasetSize,
		TermsHash: r.bytes32("terms hash", p.TermsHash),
	}
	if attest.TermsHash(pool.Terms) != pool.TermsHash {
		r.fail("terms", fmt.Errorf("%w: their hash is another one", pdx.ErrCorrupt))
	}
	pool.TagCommitment, pool.MaxOverlap = r.optional32("tag commitment", p.TagCommitment), p.MaxOverlapPpm
	if p.DrawCount != 0 {
		pool.DrawCommitment = r.bytes32("draw commitment", p.DrawCommitment)
	}
	return pool, r.err
}

func toDeal(d types.Deal) (pdx.Deal, error) {
	r := reader{what: fmt.Sprintf("deal %d", d.Id)}
	deal := pdx.Deal{
		ID: pdx.DealID(d.Id), Pool: pdx.PoolID(d.PoolId), Seller: pdx.Address(d.Seller), Buyer: pdx.Address(d.Buyer),
		Required: d.RequiredCertificates, Fields: d.DisclosedFields, State: r.dealState(d.State),
		AckHeight: d.AckHeight, DeadlineHeight: d.DeadlineHeight, DeadlineTime: d.DeadlineTime,
		Dataset:  r.dataset(d.Dataset),
		BuyerKey: pdx.Element(r.bytes32("buyer key", d.BuyerKey)),
		Price:    r.amount("price", d.Price),
		Deposit:  r.amount("deposit", d.Deposit),
		Reward:   pdx.Amount(d.VerdictReward), Stake: pdx.Amount(d.Stake.Amount),
		Criteria: r.cid("criteria", d.CriteriaCid),
		Delivery: r.delivery(d),
		AckMode:  r.ackMode(d.AckMode), Deadlines: toDeadlines(d.Deadlines), BlockTime: d.BlockTime,
		Draw: toDraw(d.Draw), Conviction: r.conviction(d.Conviction),
		Challenge:  r.challenge(d.Challenge),
		FieldsHash: r.bytes32("fields hash", d.FieldsHash), TermsHash: r.bytes32("terms hash", d.TermsHash),
		TagCommitment: r.optional32("tag commitment", d.TagCommitment), MaxOverlap: d.MaxOverlapPpm,
	}
	if len(deal.Fields) > 0 && attest.FieldsHash(deal.Fields) != deal.FieldsHash {
		r.fail("disclosed fields", fmt.Errorf("%w: their hash is another one", pdx.ErrCorrupt))
	}
	if t := d.ChallengeTerms; t != nil {
		deal.MaxChallenges, deal.MaxChunks = t.MaxChallenges, t.MaxChunks
		deal.AnswerCost, deal.AnswerByteCost = pdx.Amount(t.AnswerCost), pdx.Amount(t.AnswerCostPerByte)
	}
	for _, v := range d.Validators {
		deal.Validators = append(deal.Validators, pdx.Address(v.Address))
	}
	for _, a := range d.Agreements {
		if a.Agreed {
			deal.Agreed = append(deal.Agreed, a.TermId)
		}
	}
	for _, c := range d.Certificates {
		deal.Certificates = append(deal.Certificates, r.certificate(c))
	}
	deal.Shares = r.shares("share", d.Shares)
	for _, h := range d.History {
		deal.History = append(deal.History, pdx.Step{State: r.dealState(h.State), Height: h.Height, Time: h.Time})
	}
	return deal, r.err
}

func toValidator(v types.Validator) (pdx.Validator, error) {
	r := reader{what: fmt.Sprintf("validator %s", v.Address)}
	validator := pdx.Validator{
		Address: pdx.Address(v.Address), Moniker: v.Moniker, Bond: r.amount("bond", v.Bond),
		Commission: v.CommissionBp, MaxCommission: v.MaxCommissionBp, MaxChange: v.MaxCommissionChangeBp,
		PeerID: v.PeerId, Addresses: v.Addresses,
		Status:            pdx.ValidatorStatus(r.known("status", validatorStatusWord(v.Status), types.ValidatorStatus_name, int32(v.Status))),
		CommissionChanged: v.CommissionTime, UnbondingTime: v.UnbondingTime, JailedUntil: v.JailedUntil,
		Duties: uint32(len(v.Duties.Weights)), MissedDuties: v.Duties.MissedCount(),
		RecipientKey: r.optional32("recipient key", v.RecipientKey),
	}
	return validator, r.err
}

func toConditions(c types.Conditions) *pdx.Conditions {
	conditions := &pdx.Conditions{
		MinIncome: pdx.Amount(c.MinIncome), MaxDataset: c.MaxDatasetSize, MaxTerms: c.MaxTermsSize, MediaTypes: c.MediaTypes,
	}
	for _, b := range c.Buyers {
		conditions.Buyers = append(conditions.Buyers, pdx.Address(b))
	}
	return conditions
}

func toAmount(n math.Int) (pdx.Amount, error) {
	if n.IsNil() {
		return 0, nil
	}
	if !n.IsUint64() {
		return 0, fmt.Errorf("%w: %s umed is more than this program can hold", pdx.ErrCorrupt, n)
	}
	return pdx.Amount(n.Uint64()), nil
}

func toAddresses(list []string) []pdx.Address {
	out := make([]pdx.Address, len(list))
	for i, a := range list {
		out[i] = pdx.Address(a)
	}
	return out
}

func toTerms(list []types.Term) []pdx.Term {
	out := make([]pdx.Term, len(list))
	for i, t := range list {
		out[i] = pdx.Term{ID: t.Id, Required: t.Required, Title: t.Title, Description: t.Description}
	}
	return out
}

func toDeadlines(d types.Deadlines) pdx.Deadlines {
	return pdx.Deadlines{Certify: d.Certify, Ack: d.Ack, Key: d.Key, Dispute: d.Dispute}
}

func toDraw(d *types.Draw) *pdx.Draw {
	if d == nil {
		return nil
	}
	draw := &pdx.Draw{Count: d.Count, Height: d.Height, Revealed: len(d.Preimage) != 0}
	for _, c := range d.Candidates {
		draw.Candidates = append(draw.Candidates, pdx.Address(c.Address))
	}
	return draw
}

// A reader converts fields and keeps the first error.
type reader struct {
	what string
	err  error
}

func (r *reader) fail(field string, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("the chain's answer for %s: %s: %w", r.what, field, err)
	}
}

func (r *reader) amount(field string, n math.Int) pdx.Amount {
	a, err := toAmount(n)
	if err != nil {
		r.fail(field, err)
	}
	return a
}

// known converts the number of an enum to its name.
func (r *reader) known(field, word string, names map[int32]string, n int32) string {
	if _, ok := names[n]; !ok || n == 0 {
		r.fail(field, fmt.Errorf("%w: %q is none that this program knows", pdx.ErrCorrupt, word))
	}
	return word
}

func (r *reader) dealState(s types.DealState) pdx.DealState {
	return pdx.DealState(r.known("state", dealStateWord(s), types.DealState_name, int32(s)))
}

func (r *reader) ackMode(m types.AckMode) pdx.AckMode {
	return pdx.AckMode(r.known("ack mode", ackModeWord(m), types.AckMode_name, int32(m)))
}

func (r *reader) shares(field string, list []types.Share) (shares []pdx.Share) {
	for _, s := range list {
		shares = append(shares, pdx.Share{Address: pdx.Address(s.Address), Amount: r.amount(field, s.Amount)})
	}
	return shares
}

func (r *reader) conviction(c *types.Conviction) *pdx.Conviction {
	if c == nil {
		return nil
	}
	return &pdx.Conviction{
		Kind:    pdx.ComplaintKind(r.known("conviction", complaintKindWord(c.Kind), types.ComplaintKind_name, int32(c.Kind))),
		Segment: c.Segment, Slashed: r.shares("slashed", c.Slashed),
		Compensation: r.amount("compensation", c.Compensation) + pdx.Amount(c.Refund),
	}
}

func (r *reader) bytes32(field string, b []byte) (out [32]byte) {
	r.copy(field, out[:], b)
	return out
}

// optional32 is zero where there are no bytes.
func (r *reader) optional32(field string, b []byte) (out [32]byte) {
	if len(b) == 0 {
		return out
	}
	return r.bytes32(field, b)
}

func (r *reader) copy(field string, dst, b []byte) {
	if len(b) != len(dst) {
		r.fail(field, fmt.Errorf("%w: %d bytes, not %d", pdx.ErrCorrupt, len(b), len(dst)))
	}
	copy(dst, b)
}

func (r *reader) cid(field string, b []byte) pdx.ContentID {
	id, err := pdx.ContentIDFromBytes(b)
	if err != nil {
		r.fail(field, fmt.Errorf("%w: %v", pdx.ErrCorrupt, err))
	}
	return id
}

func (r *reader) dataset(d types.Dataset) pdx.Dataset {
	ds := pdx.Dataset{
		Size: d.Size_, AEAD: pdx.AEAD(d.Aead),
		Root:       pdx.ContentID(r.bytes32("root", d.Root)),
		Key:        pdx.Element(r.bytes32("dataset key", d.DatasetKey)),
		Nonce:      r.bytes32("nonce", d.Nonce),
		KeyCommit:  r.bytes32("key commit", d.KeyCommit),
		Commitment: r.bytes32("plaintext commitment", d.PlaintextCommitment),
	}
	r.copy("box", ds.Box[:], d.Box)
	return ds
}

func (r *reader) certificate(c types.Certificate) pdx.Certificate {
	r.known("verdict", c.Verdict.String(), types.Verdict_name, int32(c.Verdict))
	return pdx.Certificate{
		Set: pdx.RecordSet{
			Tag: r.optional32("duplicate tag", c.DuplicateTag), Root: pdx.ContentID(r.optional32("record set", c.RecordSet)),
			Size: c.RecordSetSize,
		},
		Validator: pdx.Address(c.Validator), Accepted: c.Verdict == types.VERDICT_ACCEPT,
		Reason: pdx.RejectReason(c.Reason), Report: r.bytes32("report", c.ReportHash), Available: c.Available,
		ExpiryHeight: c.ExpiryHeight, Commission: c.CommissionBp, Height: c.Height,
	}
}

func (r *reader) challenge(c *types.Challenge) *pdx.Challenge {
	if c == nil {
		return nil
	}
	return &pdx.Challenge{
		Number: c.Number, Chunks: c.Chunks, Fee: pdx.Amount(c.Fee), Time: c.Time,
		DeadlineHeight: c.DeadlineHeight, DeadlineTime: c.DeadlineTime, AnsweredBy: pdx.Address(c.AnsweredBy),
		State: pdx.ChallengeState(r.known("challenge", challengeStateWord(c.State), types.ChallengeState_name, int32(c.State))),
	}
}

func (r *reader) delivery(d types.Deal) *pdx.Delivery {
	if d.Delivery == nil {
		return nil
	}
	return &pdx.Delivery{
		Deal:  pdx.DealID(d.Id),
		D1:    pdx.Element(r.bytes32("D1", d.Delivery.D1)),
		D2:    pdx.Element(r.bytes32("D2", d.Delivery.D2)),
		Proof: d.Delivery.Proof,
	}
}

func fromDeadlines(d pdx.Deadlines) types.Deadlines {
	return types.Deadlines{Certify: d.Certify, Ack: d.Ack, Key: d.Key, Dispute: d.Dispute}
}
