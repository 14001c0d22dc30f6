package kit_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"io"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/node/ack/ackpb"
	"github.com/medibloc/pdx/node/validation/validationpb"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/transferpb"
)

const (
	wrong      refusal = 0x70640001
	withheld   refusal = 0x70640003
	notRequest refusal = 0x1004
)

func (p *testPeer) hello(c *conn) error {
	bad := wrong
	if p.otherCode {
		bad = 0
	}
	var theirs discoverypb.Hello
	if err := p.receive(c, &theirs, 1024, bad); err != nil || len(theirs.GetChallenge()) != 32 {
		return bad
	}
	nonce := p.challenge
	if !p.sameChallenge {
		nonce = make([]byte, 32)
		_, _ = rand.Read(nonce)
	}
	if err := stream.WriteFrame(c, &discoverypb.Hello{Challenge: nonce}); err != nil {
		return err
	}
	var b discoverypb.Binding
	if err := p.receive(c, &b, 1024, bad); err != nil {
		return bad
	}
	account, err := p.proven(&b, c.Conn().RemotePeer(), nonce)
	if err != nil {
		return bad
	}
	p.mu.Lock()
	p.known[c.Conn().RemotePeer()] = account
	p.mu.Unlock()
	if !p.namesItself {
		return withheld
	}
	own, err := identity.Bind(identitytest.New("peer"), identity.Terms{
		ChainID: chainID, Peer: p.host.ID(), Audience: c.Conn().RemotePeer(), Nonce: theirs.GetChallenge(),
	}, time.Now())
	if err != nil {
		return err
	}
	return stream.WriteFrame(c, own)
}

// proven checks a binding, except for what the fault leaves out.
func (p *testPeer) proven(b *discoverypb.Binding, from peer.ID, nonce []byte) (pdx.Address, error) {
	now, terms := time.Now(), identity.Terms{ChainID: chainID, Peer: from, Audience: p.host.ID(), Nonce: nonce}
	if p.anyExpiry {
		now = time.Unix(b.GetExpiry()-60, 0)
	}
	if p.anyAudience {
		terms.Audience, _ = peer.Decode(b.GetAudience()) // empty where there is none
	}
	if p.anySignature && len(b.GetSignature()) == 64 {
		var s secp256k1.ModNScalar
		if s.SetByteSlice(b.GetSignature()[32:]); s.IsOverHalfOrder() {
			s.Negate().PutBytesUnchecked(b.GetSignature()[32:])
		}
	}
	proven, err := identity.CheckBinding(b, terms, now)
	return proven.Account, err
}

func (p *testPeer) serveBlob(c *conn) error {
	for {
		if _, err := c.in.Peek(1); err != nil {
			return nil // no further request
		}
		var q transferpb.Request
		if err := p.receive(c, &q, 4096, notRequest); err != nil {
			return err
		}
		code := p.judge(&q)
		status := &transferpb.Status{Code: code}
		if code == transferpb.Code_CODE_OK {
			status.Size = uint64(len(p.blob))
		}
		if err := stream.WriteFrame(c, status); err != nil || code != transferpb.Code_CODE_OK {
			return err
		}
		for _, r := range q.GetRanges() {
			if _, err := c.Write(p.slice(bao.Range{First: r.GetFirst(), Count: r.GetCount()})); err != nil {
				return err
			}
		}
	}
}

func (p *testPeer) judge(q *transferpb.Request) transferpb.Code {
	if p.knownFieldsOnly && len(q.ProtoReflect().GetUnknown()) > 0 {
		return transferpb.Code_CODE_BAD_REQUEST
	}
	end, sum := uint64(0), uint64(0)
	for _, r := range q.GetRanges() {
		first, count := r.GetFirst(), r.GetCount()
		if count == 0 || count > 256 || first+count < first || (first < end && !p.anyRanges) {
			return transferpb.Code_CODE_BAD_REQUEST
		}
		end, sum = first+count, sum+count
	}
	switch {
	case len(q.GetRoot()) != 32 || len(q.GetRanges()) > 64 || sum > 256:
		return transferpb.Code_CODE_BAD_REQUEST
	case !bytes.Equal(q.GetRoot(), p.root[:]):
		return transferpb.Code_CODE_NOT_FOUND
	case end > bao.Segments(uint64(len(p.blob))):
		return transferpb.Code_CODE_BAD_REQUEST
	}
	return transferpb.Code_CODE_OK
}

// slice is a slice of the blob, spoilt by the fault.
func (p *testPeer) slice(run bao.Range) []byte {
	var b bytes.Buffer
	if err := bao.WriteSlice(&b, p.root, uint64(len(p.blob)), bytes.NewReader(p.tree), bytes.NewReader(p.blob), run); err != nil {
		panic(err) // the peer's own blob
	}
	raw := b.Bytes()
	switch {
	case p.wrongByte:
		raw[len(raw)-1] ^= 1
	case p.wrongSize:
		raw[0] ^= 1
	case p.surplus:
		raw = append(raw, 0)
	case p.cutShort:
		raw = raw[:len(raw)-1]
	}
	return raw
}

func (p *testPeer) serveMany(c *conn) error {
	var q transferpb.Many
	if err := p.receive(c, &q, 4096, notRequest); err != nil {
		return err
	}
	roots, seen := q.GetRoots(), map[string]bool{}
	code := transferpb.Code_CODE_OK
	for i := 0; i+32 <= len(roots); i += 32 {
		seen[string(roots[i:i+32])] = true
	}
	if n := len(roots) / 32; n == 0 || n > 100 || len(roots)%32 != 0 || (len(seen) != n && !p.rootsTwice) {
		code = transferpb.Code_CODE_BAD_REQUEST
	}
	if err := stream.WriteFrame(c, &transferpb.Status{Code: code}); err != nil || code != transferpb.Code_CODE_OK {
		return err
	}
	for ; len(roots) > 0; roots = roots[32:] {
		if err := p.one(c, roots[:32]); err != nil {
			return err
		}
	}
	return nil
}

// one answers for one root of many.
func (p *testPeer) one(c *conn, root []byte) error {
	size := uint64(len(p.blob))
	switch {
	case !bytes.Equal(root, p.root[:]):
		return stream.WriteFrame(c, &transferpb.Status{Code: transferpb.Code_CODE_NOT_FOUND})
	case size > bao.SegmentSize && !p.anySize:
		return stream.WriteFrame(c, &transferpb.Status{Code: transferpb.Code_CODE_TOO_BIG})
	}
	if err := stream.WriteFrame(c, &transferpb.Status{Code: transferpb.Code_CODE_OK, Size: size}); err != nil {
		return err
	}
	_, err := c.Write(p.slice(bao.All(size)))
	return err
}

func (p *testPeer) perf(c *conn) error {
	head := make([]byte, 16)
	if _, err := io.ReadFull(c.in, head); err != nil {
		return err
	}
	up, down := binary.BigEndian.Uint64(head), binary.BigEndian.Uint64(head[8:])
	const most = 1 << 28
	answer := byte(0)
	switch {
	case up > most || down > most:
		answer = 3
	case p.account(c.Conn().RemotePeer()) == "" && !p.measuresAll:
		answer = 2
	}
	if _, err := c.Write([]byte{answer}); err != nil || answer != 0 {
		return err
	}
	if _, err := io.CopyN(io.Discard, c.in, int64(up)); err != nil {
		return err
	}
	_, err := c.Write(make([]byte, 1+down))
	return err
}

func (p *testPeer) ack(c *conn) error {
	var h ackpb.Handover
	if err := p.receive(c, &h, 256, notRequest); err != nil {
		return err
	}
	if len(h.GetPublicKey()) != 33 || len(h.GetSignature()) != 64 || h.GetAckHeight() == 0 || h.GetExpiryHeight() < h.GetAckHeight() {
		return notRequest
	}
	outcome := ackpb.Outcome_OUTCOME_LATER
	if p.takesAll {
		outcome = ackpb.Outcome_OUTCOME_TAKEN
	}
	return stream.WriteFrame(c, &ackpb.Answer{Outcome: outcome})
}

func (p *testPeer) validate(c *conn) error {
	var q validationpb.Request
	if err := p.receive(c, &q, 256, notRequest); err != nil {
		return err
	}
	if q.GetDealId() == 0 || len(q.GetOpening()) != 32 || len(q.GetProof()) != 64 {
		return notRequest
	}
	unknown := p.account(c.Conn().RemotePeer()) == ""
	m := &validationpb.Progress{Stage: validationpb.Stage_STAGE_FAILED, Message: "not your deal", Retry: unknown}
	if p.acceptsAll {
		m = &validationpb.Progress{
			Stage: validationpb.Stage_STAGE_DONE, Verdict: &validationpb.Verdict{Accepted: true, ReportHash: make([]byte, 32)},
		}
	}
	return stream.WriteFrame(c, m)
}
