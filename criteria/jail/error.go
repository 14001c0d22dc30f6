package jail

import (
	"github.com/medibloc/pdx"
)

// Cause is why a child came to no result.
type Cause string

// The causes. All but Late, Killed and Unstarted are a file's fault in all likelihood, but
// none of them is a verdict on it.
const (
	Memory    Cause = "reading it takes more memory than is allowed"
	CPU       Cause = "reading it takes more processor time than is allowed"
	Late      Cause = "reading it took too long on this machine"
	Crashed   Cause = "the reader of its format ended on it"
	Nonsense  Cause = "the reader of its format did not keep to its protocol"
	Killed    Cause = "this machine ended the process that read it"
	Unstarted Cause = "no process could be started to read it"
)

// Error says that a child came to no result about data. It says nothing about the data,
// so it is no ground for a verdict.
type Error struct {
	Cause Cause
	// Err says more, for logs of this machine. It shows no byte of the data.
	Err error
}

// Error implements error.
func (e *Error) Error() string { return "the data cannot be judged: " + string(e.Cause) }

// Unwrap is pdx.ErrUnavailable if trying again may help, else pdx.ErrInvalid.
func (e *Error) Unwrap() error {
	if e.Again() {
		return pdx.ErrUnavailable
	}
	return pdx.ErrInvalid
}

// Again reports whether the cause may be this machine's, so that trying again may help.
func (e *Error) Again() bool { return e.Cause == Late || e.Cause == Killed || e.Cause == Unstarted }
