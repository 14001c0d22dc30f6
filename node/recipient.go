package node

import (
	"context"

	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/node/keys"
)

// recipient returns the key pair to which pools seal their tag keys.
func (n *Node) recipient(ctx context.Context) (dedup.Recipient, error) {
	return keys.Recipient(ctx, n.home.Secrets)
}

// RecipientKey returns the key that a validator registers, to which pools seal their tag keys.
func (n *Node) RecipientKey(ctx context.Context) ([dedup.RecipientLen]byte, error) {
	r, err := n.recipient(ctx)
	if err != nil {
		return [dedup.RecipientLen]byte{}, err
	}
	return r.Public(), nil
}
