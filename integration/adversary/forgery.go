package adversary

import (
	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/identity"
)

// Claimant says that it is an account and signs with whatever key it has.
type Claimant struct {
	identity.Signer             // signs
	Address         pdx.Address // claimed
	Key             []byte      // shown with it; nil: that of Signer
}

// Account returns the claimed one.
func (c Claimant) Account() pdx.Address { return c.Address }

// PublicKey returns the one that is shown.
func (c Claimant) PublicKey() []byte {
	if c.Key == nil {
		return c.Signer.PublicKey()
	}
	return c.Key
}
