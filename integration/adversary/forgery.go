package adversary

import (
	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/identity"
)

// A Claimant claims to be an account and signs with any key.
type Claimant struct {
	identity.Signer             // signs
	Address         pdx.Address // claimed
	Key             []byte      // shown with it; nil: that of Signer
}

// Account returns the claimed account.
func (c Claimant) Account() pdx.Address { return c.Address }

// PublicKey returns Key, or that of Signer if Key is nil.
func (c Claimant) PublicKey() []byte {
	if c.Key == nil {
		return c.Signer.PublicKey()
	}
	return c.Key
}
