package web

import "time"

const (
	// maxRequest bounds a call: the largest of a reading method is a filter of
	// two addresses, a state and a cursor, below 1 KiB.
	maxRequest = 16 << 10
	// maxHeader bounds what comes before it; browsers send about 1 KiB.
	maxHeader = 16 << 10
	// maxConns bounds connections: a browser opens 6 to a host, so this is ten
	// windows, while other users of the machine cannot take up file descriptors.
	maxConns = 64
	// headerTimeout and requestTimeout are generous for a loopback.
	headerTimeout  = 5 * time.Second
	requestTimeout = 10 * time.Second
	// callTimeout covers the slowest calls: GetPool waits 5 s for a buyer's
	// machine, Status for a chain that is slow to answer.
	callTimeout = 20 * time.Second
	// answerTimeout leaves a call time to send what it found.
	answerTimeout = callTimeout + 10*time.Second
	// idleTimeout outlives the page's pauses of 2 s between polls.
	idleTimeout = 30 * time.Second
	// checkTimeout is how long `pdx web` waits for the page to answer.
	checkTimeout = 5 * time.Second
	// maxLink bounds the key file: a loopback address and a key.
	maxLink = 512

	// ReadLife is how long a link that only reads is valid.
	ReadLife = 30 * 24 * time.Hour
	// ActLife is how long a link that allows more is valid.
	ActLife = 12 * time.Hour
	// MaxLife is the longest that a link can be valid.
	MaxLife = 366 * 24 * time.Hour

	// actTimeout bounds an action; the longest reads and checks the largest data.
	actTimeout = time.Hour
	// doneTimeout bounds what was confirmed: it goes on when the browser is gone.
	doneTimeout = 2 * time.Minute
	// quoteLife is how long a sum can be confirmed, and maxQuotes how many sums wait for it.
	quoteLife = 10 * time.Minute
	maxQuotes = 64
	// maxHeavy is how many actions that read whole data run at once.
	maxHeavy = 2

	// maxCriteria bounds a document with what else opens a pool: what the API takes of one.
	maxCriteria = 4 << 20
	// maxSample bounds a file that criteria are drafted from, which is read in memory.
	maxSample = 8 << 20

	// uploadQuota bounds all uploaded data of a node, and leastSpace is what uploads leave free
	// on the disk.
	uploadQuota = 64 << 30
	leastSpace  = 1 << 30
	// maxUploadName bounds the name of a file: what file systems take, less an ending.
	maxUploadName = 200

	// Of bought records this many are shown, and at most so many bytes are read for it.
	shownRecords = 20
	shownBytes   = 64 << 10
	shownNames   = 100
)
