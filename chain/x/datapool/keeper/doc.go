// Package keeper holds the state of the data pool module and the rules that
// change it: pools, validators, deals and the money between them.
//
// There is one file per message (msg_offer.go) and per query, and files with what several
// messages share: escrow.go moves a price between pool, deal and balances, deadline.go has
// the queue of deadlines, and endblock.go executes them.
//
// All money is in the module's account, and everything in the module is bookkeeping over
// it: a pool's escrow, the price that a deal reserves, the
// shares that a delivered deal holds, deposits, bonds, and balances that their
// owners withdraw. No step of a deal sends coins out of the account, so neither
// a rule of the bank nor a blocked or missing account can stop one. The module account may hold
// more than it owes, never less.
//
// A deadline of a deal passes when both its height and its time have passed, and takes
// effect only when MsgExpire, MsgFinalize or the end blocker executes it. Until then a late
// delivery is still accepted.
//
// A complaint ends a delivered deal as FRAUD (msg_complain.go judges, convict.go moves the
// money). The verdict depends only on evidence: proofs, a slice under the certified root,
// and an opening that everybody can repeat.
//
// A pool may have each deal's validators drawn at random (draw.go): the offer then waits, and
// the end blocker keeps the hash of the next block for it. MsgDraw adds the buyer's part and
// draws; if the buyer is absent, anybody or the end blocker draws without it. Drawn validators
// have a duty to give a verdict, and their last duties count (duty.go).
//
// In a pool of mode QUORUM the ack deadline applies to the buyer only: after it, the
// certifying validators' promises of availability replace the ack, and MsgDefaultAck or the
// end blocker acknowledges the deal by default. The deal ends unacked only if promises are
// missing or have expired by then.
//
// A buyer may also ack off chain, by a signed ack (AckVoucher) that the seller submits with
// its delivery, which is then ack and delivery in one step (voucher.go).
//
// A validator that accepted a deal is liable for it with its bond until the deal
// has ended (liability.go). An unbonding bond is therefore paid out after the unbonding time
// and after the last such deal, when its owner withdraws (bond.go).
//
// An acked deal ends that state by delivery or expiry only. A deal stores a snapshot of
// everything it needs when it is offered, so later changes of the parameters, the pool or a
// validator do not affect it.
//
// A keeper has no state besides its store. Like every keeper, it is used by one block at a
// time.
package keeper
