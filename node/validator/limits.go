package validator

import "time"

const (
	// defaultWorkers: a validation is bound by one core's JSON and criteria work
	// (about 20 MB/s) and by one seller's uplink in turn; two overlap them.
	defaultWorkers = 2

	// defaultSlots is how many requests may wait: each holds M, a proof and a
	// stream, below 10 KiB, and at some 30 s for a typical dataset the last one
	// waits a quarter of an hour, which a seller's retry covers anyway.
	defaultSlots = 64

	// askerShare is the part of workers and waiting requests that one asker may have,
	// so that one seller with many deals leaves slots for others: a quarter.
	askerShare = 4

	// certifyingEach and certifyingAll are how many verdicts for one asker, and for
	// all, may wait for a block without holding a place: more than one account gets
	// into a block (some 200). Each is a goroutine and a transaction, below 20 KiB.
	certifyingEach = 256
	certifyingAll  = 1024

	// defaultMaxDataset is the largest ciphertext that is taken, in bytes.
	defaultMaxDataset = 64 << 30

	// defaultMaxKept is the most ciphertext kept for deals under way, in bytes.
	defaultMaxKept = 1 << 40

	// defaultMaxDocuments is the most criteria and schemas kept for deals under way, in
	// bytes: two pools with as many and as large schemas as there may be.
	defaultMaxDocuments = 1 << 30

	// setPatience bounds the fetching of one set from one validator: 64 MB at 0.5 MB a second.
	setPatience = 2 * time.Minute
	// boughtPage is how many deals of a pool are read at once.
	boughtPage = 200

	// A validation may take baseTime plus its size at minRate: the slowest home
	// uplink worth waiting for is 4 Mbit/s. 64 GiB then get 1 day 13 hours.
	baseTime = 10 * time.Minute
	minRate  = 512 << 10 // bytes a second

	// dutyScan is how often all deals of this validator are read, in case an event
	// was missed. dutyHints bounds the events that wait to be looked at.
	dutyScan  = time.Hour
	dutyHints = 4096

	// certifyTime is how long a verdict may take to get into a block, about 20
	// blocks of 6 s. It runs on when the asker is gone: the work is done.
	certifyTime = 2 * time.Minute

	// defaultValidity is how many blocks an accepting certificate holds at least: the deal
	// may wait 14 days for its ack (the cap of the ack deadline) after at most as
	// long for the other certificates: 28 days, and two to spare, at 6 s a block.
	defaultValidity = 30 * 24 * 60 * 60 / 6

	// expirySlack: the chain counts blocks for the deadlines that a certificate must
	// outlive, and they pass only when their time has, too. Blocks may come twice
	// as fast as the chain's parameters say.
	expirySlack = 2

	// A drawn validator gives its verdict when a dutyShare of the certify time is
	// left, at most dutyMost: time for several transactions. So much of it, again,
	// it must have been here to say that its seller did not come.
	dutyShare = 8
	dutyMost  = time.Hour

	// dutyTick is how often the chain's clock is looked at where there are duties; a
	// dutyShare of the margin where that is less.
	dutyTick = 30 * time.Second

	// dutyRetry is how often at the most a duty that is nearly late is looked at.
	dutyRetry = 5 * time.Second

	// maxDocument bounds the criteria document and each schema, in bytes; the
	// largest schema of the field, FHIR R4's, has 3.4 MB.
	maxDocument = 8 << 20

	// cachedCriteria is how many parsed criteria are held in memory: each is a
	// compiled schema of at most some 50 MB (FHIR R4's).
	cachedCriteria = 8

	// reportedFindings is how many findings a verdict carries.
	reportedFindings = 20

	// progressSteps is how often at most pulling and checking are reported: a
	// hundred steps are as fine as a person can see.
	progressSteps = 100

	// sweepEvery is how often ended deals are looked for without a hint.
	sweepEvery = time.Hour
	// sweepRetry is how soon records that cannot be read are tried again: before
	// that nothing new is checked. Likewise for one that is being validated or
	// could not be brought to what the chain says: about two blocks.
	sweepRetry = 10 * time.Second

	// challengeScan is how often challenges are listed, in case an event was missed, and
	// challengeRetry how soon one is looked at again that is not answered; after an event that
	// happens challengeLooks times, since a challenge is proven by the block after it. challengeProof is
	// how often all promised deals are proven, in case each endpoint hides a challenge: Panacea
	// gives twelve hours. challengesListed bounds what one endpoint may list.
	challengeScan    = 10 * time.Minute
	challengeRetry   = 5 * time.Second
	challengeLooks   = 4
	challengeProof   = time.Hour
	challengesListed = 1000

	// restoreRetry is how soon a promised ciphertext that could not be fetched again
	// is asked for once more: a home line redials within 30 s.
	restoreRetry = time.Minute
)
