package validator

import "github.com/medibloc/pdx"

// Request is a seller's wish that a deal be checked.
type Request struct {
	Deal pdx.DealID
	// Asker is the account that the asking peer proved to be.
	Asker pdx.Address
	// Peer is that peer's identity in text form; the ciphertext is pulled from it.
	Peer string
	// Opening is M, and Proof its dleq-v1 proof (64 bytes) in the open-dataset
	// context of this deal and this validator.
	Opening pdx.Element
	Proof   []byte
}

// Queue is how busy a validator is.
type Queue struct {
	Running, Workers int // validations under way, and how many there can be
	Waiting, Slots   int // requests that wait, and how many may
	Each             int // requests of one asker that may run or wait
	Certifying       int // requests whose verdict waits for a block
}
