package pdx

import "time"

// Challenge asks the validators that promised to serve a deal's ciphertext to show some of it.
type Challenge struct {
	Number         uint32   // among the deal's, from 1
	Chunks         []uint64 // of 1,024 bytes, in ascending order
	Fee            Amount
	Time           time.Time // when it was opened
	DeadlineHeight int64     // it ends when height and time have passed
	DeadlineTime   time.Time
	State          ChallengeState
	AnsweredBy     Address // empty unless answered
}

// ChallengeState is what became of a challenge.
type ChallengeState string

// The states.
const (
	ChallengeOpen       ChallengeState = "open"
	ChallengeAnswered   ChallengeState = "answered"
	ChallengeUnanswered ChallengeState = "unanswered" // the deal is unacked, and the promise cost its stake
	ChallengeAcked      ChallengeState = "acked"      // the deal was acknowledged before
)

// NewChallenge is a challenge of a deal as its buyer checked it.
type NewChallenge struct {
	Deal   DealID
	Facts  [32]byte // their hash
	Chunks []uint64 // in ascending order
}

// Answer shows the chunks of a challenge.
type Answer struct {
	Deal      DealID
	Challenge uint32   // its number
	Slices    [][]byte // one for each chunk, in their order
}

// Challenged reports whether a challenge of the deal waits for its answer.
func (d Deal) Challenged() bool {
	return d.Challenge != nil && d.Challenge.State == ChallengeOpen
}

// Challenges is how many challenges the deal had.
func (d Deal) Challenges() uint32 {
	if d.Challenge == nil {
		return 0
	}
	return d.Challenge.Number
}
