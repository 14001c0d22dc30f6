package types

import (
	"time"
)

// Limits of what a message may put into state. Each bounds the size of a record
// that later messages read and write, and with it their gas.
const (
	// MaxPoolValidators bounds a pool's validators and thus a deal's certificates: 32
	// certificates of about 200 bytes keep the record of a deal below 16 KB.
	MaxPoolValidators = 32
	// MaxTerms and the two lengths, in bytes, keep a pool's terms below 72 KB. They are
	// written once, in a record that no step of a deal reads.
	MaxTerms              = 32
	MaxTermTitleLen       = 200
	MaxTermDescriptionLen = 2000
	// MaxTermsSize is what all terms may have of text, in bytes.
	MaxTermsSize = MaxTerms * (MaxTermTitleLen + MaxTermDescriptionLen)
	// MaxConditionBuyers and MaxConditionMediaTypes keep a validator's conditions below 6 KB,
	// which every pool that names it reads.
	MaxConditionBuyers     = 32
	MaxConditionMediaTypes = 16
	// MaxDisclosedFields × MaxFieldLen bytes bound the disclosed fields of a deal at 64 KB;
	// the resource of FHIR R4 with the most elements has fewer than 200.
	MaxDisclosedFields = 256
	MaxFieldLen        = 256
	// MaxTitleLen is in bytes; it fits two lines of a terminal.
	MaxTitleLen = 160
	// MaxMediaTypeLen is that of a type, "/" and a subtype of 127 bytes each (RFC 6838,
	// section 4.2).
	MaxMediaTypeLen = 255
	// MaxMonikerLen, in bytes, is the same as in x/staking.
	MaxMonikerLen = 70
	// MaxPeerIDLen fits every peer id of libp2p: an inlined secp256k1 or ed25519 key and a
	// sha2-256 hash take 46 to 53 characters, a CID 62.
	MaxPeerIDLen = 128
	// MaxPeerAddresses fits TCP, QUIC and one relay over IPv4 and IPv6, and two more.
	MaxPeerAddresses = 8
	// MaxPeerAddressLen, in bytes, fits a DNS name of 253 bytes and the protocols around
	// it.
	MaxPeerAddressLen = 320
	// MaxAcks bounds the deals of one MsgAck: one transaction reads and writes that many
	// deals, each below 16 KB.
	MaxAcks = 100
	// MaxDraws bounds the deals whose draw one MsgDraw decides.
	MaxDraws = 32
	// MaxDutyWindow bounds the duties of a validator that count: a bit for each fits 64.
	MaxDutyWindow = 64
	// MaxDatasetSize bounds a ciphertext: 16 TiB. At MinBytesPerSecond it stretches a
	// deadline by 34 years, well within a time.Duration.
	MaxDatasetSize = 1 << 44
	// MinBytesPerSecond is the least rate that the parameters may have: 16 KiB/s, what a
	// line of 128 kbit/s carries.
	MinBytesPerSecond = 1 << 14
	// MaxDuration bounds every duration of the parameters: ten years, so that
	// sums with a stretch stay below the 292 years of a time.Duration.
	MaxDuration = 10 * 365 * 24 * time.Hour
	// MinBlockTime of the parameters keeps deadlines in blocks within an int64:
	// 292 years of milliseconds are 2^43.
	MinBlockTime = time.Millisecond
	// CommissionPeriod is the least time between two changes of a validator's commission.
	CommissionPeriod = 24 * time.Hour
	// MaxCost bounds the parameters of costs and of compensation, in the smallest unit: 2^38
	// of it for each of the 2^24 MiB of MaxDatasetSize, and twice that, fit 64 bits.
	MaxCost = 1 << 38
	mib     = 1 << 20
	// BasisPoints make a whole.
	BasisPoints = 10_000
	// MaxExpirationsPerBlock bounds the parameter: an expiry reads and writes one deal and one
	// pool without their texts, and an entry for each of up to 32 validators. An item of 0.2 to
	// 2 ms makes 200 of them less than half a second.
	MaxExpirationsPerBlock = 200
	// ExpiryRetryBlocks is the pause before the end blocker handles a failed item
	// again: about ten minutes on Panacea.
	ExpiryRetryBlocks = 100
	// MaxPageLimit and DefaultPageLimit bound a page of a list query,
	// MaxPageScan the entries that are read to fill it.
	MaxPageLimit     = 200
	DefaultPageLimit = 100
	MaxPageScan      = 1000
	// MaxPageBytes ends a page once that many bytes of records were read for it.
	MaxPageBytes = 1 << 20
	// MaxSliceLen is the longest slice of one segment: the size, a tree of the
	// 2^28 segments of MaxDatasetSize, 28 nodes deep, and the segment. A complaint
	// with it is a transaction of 68 KB, well below CometBFT's 1 MiB.
	MaxSliceLen = 8 + 28*64 + 65_536
	// MaxChunkSliceLen is the longest slice of one chunk: likewise, 34 nodes deep.
	MaxChunkSliceLen = 8 + 34*64 + 1_024
	// MaxChallengeChunks bounds the parameter, and with it an answer: 64 of these slices make
	// a transaction of 206 KB. All of 64 chunks are there with 1 in 800 if a tenth is missing.
	MaxChallengeChunks = 64
	// MaxChallenges bounds the parameter: each may put off the end of a deal once.
	MaxChallenges = 16
)

// Sizes of the byte fields.
const (
	elementLen = 32
	hashLen    = 32
	nonceLen   = 32
	boxLen     = 48
	// Proofs are c and one z for each witness, 32 bytes each.
	popProofLen      = 64
	deliverProofLen  = 96
	complainProofLen = 64
)

// Fixed gas for computations, in addition to the store's. The scale is that of
// the SDK's signatures: 1000 for a secp256k1 signature of about 0.1 ms, so 10
// for each microsecond. BenchmarkGas of the keeper measures the ratios.
const (
	// ProofGas is charged for verifying one proof: about 0.2 ms.
	ProofGas = 2000
	// VoucherGas is charged for verifying a voucher's signature, as the SDK does.
	VoucherGas = 1000
	// DrawGas is charged for a deal that a message draws: a draw is its buyer's part, as the offer
	// is its seller's, and must not cost it less.
	DrawGas = 12_000
	// BoxGas is charged for opening a box and recomputing S and M: two
	// multiplications, about as long as a proof.
	BoxGas = 2000
	// SliceBytesPerGas bytes of a slice are hashed and decrypted for one unit;
	// a whole segment of 65,536 bytes takes about 0.2 ms.
	SliceBytesPerGas = 32
)

// SliceGas is charged for verifying a slice of n bytes and decrypting its segment.
func SliceGas(n int) uint64 { return uint64(n+SliceBytesPerGas-1) / SliceBytesPerGas }

// HookGas is what a hook of another module may use. Nobody is charged for it.
const HookGas = 1_000_000
