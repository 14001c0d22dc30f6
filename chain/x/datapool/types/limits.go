package types

import "time"

// Limits of what a message may put into state. Each bounds the size of a record
// that later messages read and write, and with it their gas.
const (
	// MaxPoolValidators bounds a pool's validators and thus a deal's
	// certificates: 32 certificates of about 200 bytes keep a deal below 16 KB.
	MaxPoolValidators = 32
	// MaxTerms and the two lengths keep a pool's agreement below 72 KB, which
	// is written once and read with the pool by every offer.
	MaxTerms              = 32
	MaxTermTitleLen       = 200
	MaxTermDescriptionLen = 2000
	// MaxDisclosedFields × MaxFieldLen bounds a consent at 64 KB; the widest
	// resource of FHIR R4 has fewer than 200 elements.
	MaxDisclosedFields = 256
	MaxFieldLen        = 256
	// MaxTitleLen fits two lines of a terminal.
	MaxTitleLen = 160
	// MaxMediaTypeLen is type "/" subtype of 127 each (RFC 6838, 4.2).
	MaxMediaTypeLen = 255
	// MaxMonikerLen is that of a chain validator in x/staking.
	MaxMonikerLen = 70
	// MaxPeerIDLen holds every identity of libp2p: an inlined secp256k1 or
	// ed25519 key and a sha2-256 hash take 46 to 53 characters, a CID 62.
	MaxPeerIDLen = 128
	// MaxPeerAddresses: TCP, QUIC and one relay over two families, and two to spare.
	MaxPeerAddresses = 8
	// MaxPeerAddressLen holds a DNS name of 253 bytes and its protocols.
	MaxPeerAddressLen = 320
	// MaxAcks bounds the deals of one MsgAck; a hundred deals of 16 KB are read
	// and written by one transaction.
	MaxAcks = 100
	// MaxDatasetSize is 16 TiB. At the least rate it stretches a deadline by
	// 34 years, well within a time.Duration.
	MaxDatasetSize = 1 << 44
	// MinBytesPerSecond is the least rate of the parameters: that of two ISDN channels.
	MinBytesPerSecond = 1 << 14
	// MaxDuration bounds every duration of the parameters: ten years, so that
	// sums with a stretch stay below the 292 years of a time.Duration.
	MaxDuration = 10 * 365 * 24 * time.Hour
	// MinBlockTime of the parameters keeps deadlines in blocks within an int64:
	// 292 years of milliseconds are 2^43.
	MinBlockTime = time.Millisecond
	// CommissionPeriod is how long a commission stays after it has changed.
	CommissionPeriod = 24 * time.Hour
	// BasisPoints make a whole.
	BasisPoints = 10_000
	// MaxExpirationsPerBlock bounds the parameter: an expiry reads and writes
	// one deal and one pool, about 0.2 ms; a thousand take a fifth of a second.
	MaxExpirationsPerBlock = 1000
	// ExpiryRetryBlocks is the pause before the end blocker handles a failed item
	// again: about ten minutes on Panacea.
	ExpiryRetryBlocks = 100
	// MaxPageLimit and DefaultPageLimit bound a page of a list query,
	// MaxPageScan the entries that are read to fill it.
	MaxPageLimit     = 200
	DefaultPageLimit = 100
	MaxPageScan      = 1000
	// MaxSliceLen is the longest slice of one segment: the size, a tree of the
	// 2^28 segments of MaxDatasetSize, 28 nodes deep, and the segment. A complaint
	// with it is a transaction of 68 KB, well below CometBFT's 1 MiB.
	MaxSliceLen = 8 + 28*64 + 65_536
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
