package pdx

import "errors"

// What can go wrong at a border between packages. Each says whose fault it is and
// whether trying again can help; every other error wraps one of them where a
// caller must decide.
var (
	// ErrInvalid: the caller's input is wrong; the same input fails again.
	ErrInvalid = errors.New("invalid")
	// ErrNotFound: the named thing does not exist (yet).
	ErrNotFound = errors.New("not found")
	// ErrRefused: the other side answered no, for good.
	ErrRefused = errors.New("refused")
	// ErrWrongState: the thing is not, or no longer, in the state for this step.
	ErrWrongState = errors.New("wrong state")
	// ErrNoFunds: the account cannot pay; try again after it was funded.
	ErrNoFunds = errors.New("not enough funds")
	// ErrUnavailable: the other side cannot be reached or is busy; try again.
	ErrUnavailable = errors.New("unavailable")
	// ErrCorrupt: bytes are not what they were certified to be.
	ErrCorrupt = errors.New("corrupt")
)
