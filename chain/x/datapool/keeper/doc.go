// Package keeper holds the state of the data pool module and the rules that
// change it: pools, validators, deals and the money between them.
//
// One file per message (msg_offer.go), one per query, and beside them the parts
// that several messages share: escrow.go moves a price between pool, deal and
// balances, deadline.go the queue of what must end, endblock.go ends it.
//
// Money is in one place, the module's account, and everything in the module is
// bookkeeping over it: a pool's escrow, the price that a deal reserves, the
// shares that a delivered deal holds, deposits, bonds, and balances that their
// owners withdraw. No step of a deal sends coins out, so no bank, no blocked
// address and no account's existence can stop one. The module account may hold
// more than it owes, never less.
//
// A state of a deal ends when both its height and its time have passed, and
// then only when somebody executes it: MsgExpire, MsgFinalize or the end
// blocker. Until then the step that was waited for is still taken where that
// helps its maker: a late delivery beats an expiry that is not executed.
//
// A complaint ends a delivered deal in fraud (msg_complain.go judges, convict.go
// moves the money). It rests on evidence alone: proofs, a slice under the
// certified root, and an opening that everybody can repeat.
//
// A pool may have each deal's validators drawn by lot: an offer is then only
// marked, and the end blocker of a later block draws with that block's hash
// (draw.go), by the queue of deadlines and within its bound.
//
// In a pool of mode QUORUM the ack deadline is the buyer's only: past it the
// validators that certified stand in with their promises of availability, and
// the deal is acked by default, by MsgDefaultAck or the end blocker. It ends
// unacked only when promises are missing or have expired at that moment.
//
// A buyer may also ack off chain: a voucher that it signs and the seller carries
// along with its delivery, which is then ack and delivery in one step (voucher.go).
//
// A validator that accepted a deal is liable for it with its bond until the deal
// has ended (liability.go); so a bond that unbonds leaves after its time and
// after the last such deal, when its owner withdraws (bond.go).
//
// An acked deal has two exits: delivery and expiry. A deal snapshots all it
// needs when it is offered, so neither parameters nor the pool nor a validator
// can change it afterwards.
//
// A keeper has no state beside its store; like every keeper it is used by one
// block at a time.
package keeper
