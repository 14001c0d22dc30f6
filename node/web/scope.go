package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medibloc/pdx"
)

// Scopes are what a link allows beside reading, which every link allows.
type Scopes uint8

// The scopes.
const (
	// Sell allows to upload, register and forget data, to offer it, to take an offer back and
	// to withdraw what was earned.
	Sell Scopes = 1 << iota
	// Buy allows to open and close pools, to order datasets, to look into bought records and
	// to withdraw what came back.
	Buy
	// Admin allows what concerns the node itself: the doctor's findings, and a validator's bond
	// and commission.
	Admin
)

// Read is a link that allows nothing else.
const Read Scopes = 0

type scopeName struct {
	name  string
	scope Scopes
}

// scopeNames are the names of scopes, in the order in which they are shown.
var scopeNames = []scopeName{{"sell", Sell}, {"buy", Buy}, {"admin", Admin}}

// ParseScopes reads names of scopes; "read" is one of them and adds nothing.
func ParseScopes(names []string) (Scopes, error) {
	var s Scopes
	for _, name := range names {
		at := slices.IndexFunc(scopeNames, func(n scopeName) bool { return n.name == name })
		switch {
		case at >= 0:
			s |= scopeNames[at].scope
		case name != "read":
			return 0, fmt.Errorf("scope %q: %w: use read, sell, buy or admin", name, pdx.ErrInvalid)
		}
	}
	return s, nil
}

// Names are the names of the scopes, "read" first.
func (s Scopes) Names() []string {
	names := []string{"read"}
	for _, n := range scopeNames {
		if s&n.scope != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// String is the names with commas.
func (s Scopes) String() string { return strings.Join(s.Names(), ",") }

// permits reports whether s has one of the scopes that something needs; every link reads.
func (s Scopes) permits(needs Scopes) bool { return needs == Read || s&needs != 0 }
