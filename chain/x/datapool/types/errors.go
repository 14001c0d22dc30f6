package types

import (
	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx"
)

// sentinels maps each code to package pdx's sentinel.
var sentinels = map[uint32]error{}

// register creates the error of one check. Codes are part
// of the interface of the chain: they are never reused or renumbered.
func register(code uint32, sentinel error, text string) *errorsmod.Error {
	sentinels[code] = sentinel
	return errorsmod.Register(ModuleName, code, text)
}

// Sentinel turns the code of a failed transaction of this module into the pdx
// sentinel that says whether to try again; nil for an unknown code.
func Sentinel(code uint32) error { return sentinels[code] }

// Errors about messages in general. Code 1 belongs to the SDK.
var (
	ErrAddress   = register(2, pdx.ErrInvalid, "address is not a canonical account address")
	ErrAuthority = register(3, pdx.ErrRefused, "signer is not the module's authority")
	ErrParams    = register(4, pdx.ErrInvalid, "parameters are not consistent")
	ErrDenom     = register(5, pdx.ErrInvalid, "denomination is not the module's")
	ErrAmount    = register(6, pdx.ErrInvalid, "amount is out of range")
	ErrText      = register(7, pdx.ErrInvalid, "text is too long or not printable")
	ErrDenomSet  = register(8, pdx.ErrRefused, "the denomination cannot change")
	ErrFunds     = register(9, pdx.ErrNoFunds, "account cannot pay")
)

// Errors about validators.
var (
	ErrValidatorExists   = register(20, pdx.ErrRefused, "validator is registered already")
	ErrValidatorNotFound = register(21, pdx.ErrNotFound, "validator is not registered")
	ErrValidatorStatus   = register(22, pdx.ErrRefused, "validator is not bonded")
	ErrBond              = register(23, pdx.ErrInvalid, "bond is below the least bond")
	ErrCommission        = register(24, pdx.ErrInvalid, "commission is out of range")
	ErrPeerID            = register(25, pdx.ErrInvalid, "peer id is not well formed")
	ErrPeerAddresses     = register(26, pdx.ErrInvalid, "peer addresses are too many or not well formed")
	ErrCommissionChange  = register(27, pdx.ErrRefused, "commission changes by more than the validator allowed itself")
	ErrCommissionTooSoon = register(28, pdx.ErrWrongState, "commission has changed within a day")
	ErrUnbonding         = register(29, pdx.ErrWrongState, "validator is unbonding or unbonded")
	ErrNotJailed         = register(30, pdx.ErrWrongState, "validator is not jailed")
	ErrJailTime          = register(31, pdx.ErrWrongState, "the jail time has not passed yet")
)

// Errors about pools.
var (
	ErrPoolNotFound       = register(40, pdx.ErrNotFound, "pool does not exist")
	ErrPoolNotOpen        = register(41, pdx.ErrWrongState, "pool takes no offers")
	ErrPoolFull           = register(42, pdx.ErrWrongState, "every dataset the pool wants is reserved")
	ErrNotBuyer           = register(43, pdx.ErrRefused, "signer is not the buyer")
	ErrBuyerKey           = register(44, pdx.ErrInvalid, "buyer key is not a canonical element")
	ErrKeyProof           = register(45, pdx.ErrInvalid, "proof of possession of the buyer key does not hold")
	ErrTargetCount        = register(46, pdx.ErrInvalid, "target count must be positive")
	ErrEscrow             = register(47, pdx.ErrInvalid, "escrow is not price times target count")
	ErrCriteria           = register(48, pdx.ErrInvalid, "criteria is not a CID of raw bytes with a blake3 hash")
	ErrPoolValidators     = register(49, pdx.ErrInvalid, "validators are none, too many, repeated or the buyer")
	ErrCertificateCount   = register(50, pdx.ErrInvalid, "required certificates must be from 1 to the number of validators")
	ErrAckMode            = register(51, pdx.ErrInvalid, "ack mode is not supported")
	ErrTerms              = register(52, pdx.ErrInvalid, "terms are too many, repeated or without a title")
	ErrDeadlines          = register(53, pdx.ErrInvalid, "deadline is outside the bounds of the parameters")
	ErrExpiry             = register(54, pdx.ErrInvalid, "expiry is past or too far ahead")
	ErrPoolValidatorFault = register(55, pdx.ErrRefused, "a validator of the pool is not registered and bonded")
	ErrBuyerKeySeen       = register(56, pdx.ErrRefused, "the buyer key belongs to another pool: make a new one for every pool")
	ErrDrawCount          = register(57, pdx.ErrInvalid, "draw count must be from the required certificates to the number of validators")
)

// Errors about offers.
var (
	ErrSelfDeal         = register(70, pdx.ErrRefused, "a buyer cannot sell to itself")
	ErrRoot             = register(71, pdx.ErrInvalid, "root is not 32 bytes")
	ErrSize             = register(72, pdx.ErrInvalid, "size is not that of a sealed dataset")
	ErrDatasetKey       = register(73, pdx.ErrInvalid, "dataset key is not a canonical element")
	ErrNonce            = register(74, pdx.ErrInvalid, "nonce is not 32 bytes")
	ErrAEAD             = register(75, pdx.ErrInvalid, "AEAD is unknown")
	ErrBox              = register(76, pdx.ErrInvalid, "box is not 48 bytes")
	ErrKeyCommit        = register(77, pdx.ErrInvalid, "key commitment is not 32 bytes")
	ErrCommitment       = register(78, pdx.ErrInvalid, "plaintext commitment is not 32 bytes")
	ErrRootSeen         = register(79, pdx.ErrRefused, "the ciphertext was offered to the pool before")
	ErrAgreements       = register(80, pdx.ErrInvalid, "agreements name unknown terms or one twice")
	ErrTermNotAgreed    = register(81, pdx.ErrRefused, "a required term is not agreed to")
	ErrOfferValidators  = register(82, pdx.ErrInvalid, "accepted validators are too few, repeated, not the pool's or the seller")
	ErrFields           = register(83, pdx.ErrInvalid, "disclosed fields are none, too many, repeated or not JSON pointers")
	ErrCommissionTooBig = register(84, pdx.ErrRefused, "commissions could exceed the price")
)

// Errors about the steps of a deal.
var (
	ErrDealNotFound      = register(100, pdx.ErrNotFound, "deal does not exist")
	ErrDealState         = register(101, pdx.ErrWrongState, "deal is not in the state for this step")
	ErrLate              = register(102, pdx.ErrWrongState, "the deadline of the step has passed")
	ErrNotYet            = register(103, pdx.ErrWrongState, "the deadline has not passed yet")
	ErrNotAccepted       = register(104, pdx.ErrRefused, "signer is not a validator that the offer accepts")
	ErrCertified         = register(105, pdx.ErrRefused, "validator has given its verdict already")
	ErrVerdict           = register(106, pdx.ErrInvalid, "verdict and reason do not fit")
	ErrReportHash        = register(107, pdx.ErrInvalid, "report hash is not 32 bytes")
	ErrTag               = register(108, pdx.ErrInvalid, "duplicate tag is neither empty nor 32 bytes")
	ErrTagSeen           = register(109, pdx.ErrRefused, "the same data were offered to the pool before")
	ErrCertificateExpiry = register(110, pdx.ErrInvalid, "certificate expires before the deal must be acknowledged")
	ErrAckCount          = register(112, pdx.ErrInvalid, "an ack names from one to a hundred deals")
	ErrAckRepeated       = register(113, pdx.ErrInvalid, "an ack names a deal twice")
	ErrNotSeller         = register(114, pdx.ErrRefused, "signer is not the seller")
	ErrDelivery          = register(115, pdx.ErrInvalid, "delivery is not well formed")
	ErrDeliverProof      = register(116, pdx.ErrRefused, "proof of delivery does not hold")
	ErrComplaintKind     = register(117, pdx.ErrInvalid, "a complaint is about one segment or about the box")
	ErrComplaint         = register(118, pdx.ErrInvalid, "complaint is not well formed")
	ErrSegmentIndex      = register(119, pdx.ErrInvalid, "the dataset has no such segment")
	ErrComplaintProof    = register(120, pdx.ErrRefused, "proof of the complaint does not hold")
	ErrSlice             = register(121, pdx.ErrInvalid, "slice is not of that segment of the certified ciphertext")
	ErrSegmentOpens      = register(122, pdx.ErrRefused, "the segment decrypts: no cause for complaint")
	ErrBoxOpens          = register(123, pdx.ErrRefused, "the box opens to the dataset's key: no cause for complaint")
	ErrBuyerAcks         = register(124, pdx.ErrRefused, "in this pool only the buyer acknowledges")
	ErrPromised          = register(126, pdx.ErrWrongState, "the promises of availability stand in for the buyer's ack")
	ErrVoucher           = register(127, pdx.ErrInvalid, "ack voucher is not well formed")
	ErrVoucherHeight     = register(128, pdx.ErrRefused, "ack height of the voucher is not from the certification to the last block")
	ErrVoucherExpired    = register(129, pdx.ErrWrongState, "ack voucher has expired")
)

// Errors about rewards, stakes and offers.
var (
	ErrVerdictReward = register(150, pdx.ErrInvalid, "verdict reward is above what the price pays, or below what a duty costs")
	ErrStake         = register(151, pdx.ErrNoFunds, "the bond is too small for another stake")
	ErrPoolOffers    = register(152, pdx.ErrUnavailable, "the pool has as many offers as it takes for the datasets that it wants")
	ErrSellerOffers  = register(153, pdx.ErrUnavailable, "the seller has as many offers without a certification as the pool takes")
	ErrBondRaised    = register(154, pdx.ErrNoFunds, "the bond is below the least bond, which was raised")
)

// Errors about duplicates.
var (
	ErrRecipientKey   = register(155, pdx.ErrInvalid, "recipient key is not an X25519 key")
	ErrTagKeys        = register(156, pdx.ErrInvalid, "tag keys are not one of 80 bytes for each validator, or another part is out of range")
	ErrNoRecipientKey = register(157, pdx.ErrRefused, "a validator without a recipient key cannot compare records")
	ErrRecordSet      = register(158, pdx.ErrInvalid, "record set is not a root of 32 bytes and a possible size beside a duplicate tag")
	ErrTagMissing     = register(159, pdx.ErrRefused, "in a pool that refuses duplicates an accept has a duplicate tag")
)

// Errors about challenges.
var (
	ErrChallengeMode   = register(180, pdx.ErrRefused, "only the deals of a pool of mode QUORUM are challenged: others have no promises")
	ErrChallengeChunks = register(181, pdx.ErrInvalid, "chunks of the challenge are none, too many, out of order or not of the dataset")
	ErrChallengeCount  = register(182, pdx.ErrRefused, "the deal was challenged as often as it may be")
	ErrChallenged      = register(183, pdx.ErrWrongState, "a challenge of the deal waits for its answer")
	ErrNoChallenge     = register(184, pdx.ErrWrongState, "no challenge of the deal waits for an answer")
	ErrOtherChallenge  = register(185, pdx.ErrWrongState, "the answer is to another challenge than the open one")
	ErrNotPromised     = register(186, pdx.ErrRefused, "signer is not a validator whose promise the deal relies on")
	ErrAnswer          = register(187, pdx.ErrInvalid, "an answer has one slice for each chunk of its challenge")
	ErrAnswerSlice     = register(188, pdx.ErrInvalid, "slice is not of that chunk of the certified ciphertext")
)

// Errors about money and state.
var (
	ErrNothingToWithdraw = register(130, pdx.ErrNoFunds, "nothing to withdraw")
	ErrGenesis           = register(131, pdx.ErrInvalid, "genesis state is not consistent")
	ErrInsolvent         = register(132, pdx.ErrCorrupt, "the module account holds less than it owes")
	ErrPanic             = register(133, pdx.ErrCorrupt, "the step panicked")
)

// More errors about the steps of a deal.
var (
	ErrVoucherShort     = register(134, pdx.ErrRefused, "ack voucher holds for less than a quarter of the key deadline")
	ErrVoucherSignature = register(135, pdx.ErrRefused, "ack voucher is not signed by the buyer")
	ErrNotDrawn         = register(136, pdx.ErrWrongState, "the deal's validators are not drawn yet")
)

// Errors about draws.
var (
	ErrDrawAccepts    = register(140, pdx.ErrInvalid, "in a pool that draws, an offer accepts all validators and names none")
	ErrDrawCommitment = register(141, pdx.ErrInvalid, "draw commitment must be 32 bytes if the pool draws, and empty otherwise")
	ErrPreimage       = register(142, pdx.ErrInvalid, "preimage is neither empty nor 32 bytes")
	ErrDrawHeight     = register(143, pdx.ErrInvalid, "height of the draw is not from the last reveal to the block before")
	ErrNoDraws        = register(144, pdx.ErrRefused, "the pool draws no validators")
	ErrNotPreimage    = register(145, pdx.ErrRefused, "preimage does not hash to the pool's draw commitment")
	ErrDrawsLeft      = register(146, pdx.ErrWrongState, "deals of the last preimage still wait: draw them first, without a preimage")
	ErrNothingToDraw  = register(147, pdx.ErrWrongState, "no deal of the pool can be drawn now")
)

// Errors about what messages say they are about, and about conditions.
var (
	ErrFactsHash       = register(160, pdx.ErrInvalid, "facts hashes are not one of 32 bytes for each deal")
	ErrFacts           = register(161, pdx.ErrRefused, "the deal's facts are not the ones that were checked")
	ErrOfferPrice      = register(162, pdx.ErrRefused, "the pool has another price than the offer")
	ErrOfferCommission = register(163, pdx.ErrRefused, "commissions sum to more than the offer allows")
	ErrOfferDeposit    = register(164, pdx.ErrRefused, "the deposit is more than the offer allows")
	ErrOfferTerms      = register(165, pdx.ErrRefused, "the pool has other terms than the offer agrees to")
	ErrPossession      = register(166, pdx.ErrInvalid, "proof of possession of the dataset key does not hold")
	ErrOfferStands     = register(167, pdx.ErrWrongState, "the draw has begun or there is a verdict: the offer stands")
	ErrConditions      = register(168, pdx.ErrInvalid, "conditions are out of bounds or name something twice")
	ErrPoolConditions  = register(169, pdx.ErrRefused, "the pool does not meet the conditions of a validator")
	ErrDatasetTooLarge = register(170, pdx.ErrRefused, "the dataset is larger than the pool takes")
	ErrTermsHash       = register(171, pdx.ErrInvalid, "terms hash is not 32 bytes")
	ErrMaxDatasetSize  = register(172, pdx.ErrInvalid, "greatest size of a dataset is out of range")
	ErrMissingSet      = register(190, pdx.ErrRefused, "no certified deal of the pool holds the tag of the missing record set")
	ErrCloseCost       = register(189, pdx.ErrRefused, "the offers that wait in the pool cost more than the message allows")
)
