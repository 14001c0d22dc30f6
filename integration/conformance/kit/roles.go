package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/medibloc/pdx/node/ack/ackpb"
	"github.com/medibloc/pdx/node/validation/validationpb"
)

const (
	ackSection      = "network.md, Ack"
	validateSection = "validation.md, 1. Stream and frames"
	ackFrame        = 256
	requestFrame    = 256
	progressFrame   = 65_536
	// noDeal is a number that no chain reaches.
	noDeal = 1 << 62
)

func handover() *ackpb.Handover {
	return &ackpb.Handover{DealId: noDeal, AckHeight: 5, ExpiryHeight: 500, PublicKey: make([]byte, 33), Signature: make([]byte, 64)}
}

// ackChecks concern sellers.
func ackChecks() []check {
	broken := func(id, rule string, spoil func(*ackpb.Handover)) check {
		h := handover()
		spoil(h)
		return check{id: "ack/" + id, section: ackSection, rule: rule, name: "ack/1", optional: true, run: resets("ack/1", frame(h))}
	}
	return []check{
		{
			id: "ack/unknown", section: ackSection, rule: "a peer without a proven account is answered LATER", name: "ack/1", optional: true,
			run: func(ctx context.Context, s *stranger) error { return s.handOver(ctx, ackpb.Outcome_OUTCOME_LATER) },
		},
		{
			id: "ack/stranger", section: ackSection, name: "ack/1", optional: true,
			rule: "a peer of another account than a buyer's is not answered TAKEN",
			run: func(ctx context.Context, s *stranger) error {
				if err := s.greet(ctx); err != nil {
					return err
				}
				// The deal does not exist, and may for all that the seller knows in the next block.
				return s.handOver(ctx, ackpb.Outcome_OUTCOME_REFUSED, ackpb.Outcome_OUTCOME_LATER)
			},
		},
		broken("signature", "a signature that has not 64 bytes is reset with 0x1004", func(h *ackpb.Handover) { h.Signature = make([]byte, 63) }),
		broken("key", "a key that has not 33 bytes is reset with 0x1004", func(h *ackpb.Handover) { h.PublicKey = make([]byte, 65) }),
		broken("height", "an ack height of 0 is reset with 0x1004", func(h *ackpb.Handover) { h.AckHeight = 0 }),
		broken("expiry", "an expiry below the ack height is reset with 0x1004", func(h *ackpb.Handover) { h.ExpiryHeight = 4 }),
		broken("long", "a frame of more than 256 bytes is reset with 0x1004", func(h *ackpb.Handover) { h.Signature = make([]byte, ackFrame) }),
	}
}

func (s *stranger) handOver(ctx context.Context, want ...ackpb.Outcome) error {
	t, err := s.say(ctx, "ack/1", frame(handover()))
	if err != nil {
		return err
	}
	var answer ackpb.Answer
	if err := t.receive(&answer, ackFrame); err != nil {
		return err
	}
	if !slices.Contains(want, answer.GetOutcome()) {
		return fmt.Errorf("the answer is %v, it should be one of %v", answer.GetOutcome(), want)
	}
	return t.wantEnd()
}

// validateChecks concern validators.
func validateChecks() []check {
	request := &validationpb.Request{DealId: noDeal, Opening: make([]byte, 32), Proof: make([]byte, 64)}
	broken := func(id, rule string, bytes []byte) check {
		return check{
			id: "validate/" + id, section: "validation.md, 6. Resets", rule: rule, name: "validate/1", optional: true,
			run: resets("validate/1", bytes),
		}
	}
	return []check{
		{
			id: "validate/unknown", section: "network.md, Who learns an account", name: "validate/1", optional: true,
			rule: "an asker without a proven account is FAILED, and may ask again",
			run:  func(ctx context.Context, s *stranger) error { return s.ask(ctx, request, true) },
		},
		{
			id: "validate/stranger", section: "validation.md, 3. The validator", rule: "an asker about a deal that is not its own is FAILED",
			name: "validate/1", optional: true,
			run: func(ctx context.Context, s *stranger) error {
				if err := s.greet(ctx); err != nil {
					return err
				}
				return s.ask(ctx, request, false)
			},
		},
		broken("deal", "a request about no deal is reset with 0x1004",
			frame(&validationpb.Request{Opening: make([]byte, 32), Proof: make([]byte, 64)})),
		broken("opening", "an opening that has not 32 bytes is reset with 0x1004",
			frame(&validationpb.Request{DealId: 1, Opening: make([]byte, 31), Proof: make([]byte, 64)})),
		broken("long", "a request of more than 256 bytes is reset with 0x1004",
			frame(&validationpb.Request{DealId: 1, Opening: make([]byte, 32), Proof: make([]byte, requestFrame)})),
	}
}

// ask asks for a validation that must fail. retry says that asking again must be said to help.
func (s *stranger) ask(ctx context.Context, request *validationpb.Request, retry bool) error {
	t, err := s.open(ctx, "validate/1")
	if err != nil {
		return err
	}
	if _, err := t.Write(frame(request)); err != nil {
		return err
	}
	var p validationpb.Progress
	if err := t.receive(&p, progressFrame); err != nil {
		return err
	}
	switch {
	case p.GetStage() != validationpb.Stage_STAGE_FAILED:
		return fmt.Errorf("the answer is %v, it should be FAILED", p.GetStage())
	case p.GetVerdict() != nil || p.GetPending() != nil:
		return errors.New("a failure has a verdict")
	case retry && !p.GetRetry():
		return errors.New("a failure for want of hello does not say retry")
	case len(p.GetMessage()) > 1024:
		return fmt.Errorf("the message has %d bytes", len(p.GetMessage()))
	}
	return t.wantEnd()
}
