package discovery

import (
	"context"
	"fmt"

	"github.com/medibloc/pdx"
)

// Announce makes this node's presence as role in a pool known, now and until
// Withdraw, over restarts. It returns when the wish is stored. The
// network learns it as soon as there are peers, which Announce starts to find at once. On an
// unlisted node it does nothing.
// A wrong role or pool is ErrInvalid.
func (d *Discovery) Announce(ctx context.Context, pool pdx.PoolID, role pdx.Role) error {
	if err := checkPresence(pool, role); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return d.announce(ctx, Announcement{Pool: pool, Role: role})
}

// AnnounceContent makes known that this node serves a ciphertext, like Announce.
func (d *Discovery) AnnounceContent(ctx context.Context, id pdx.ContentID) error {
	if id.IsZero() {
		return fmt.Errorf("announce: %w: no content id", pdx.ErrInvalid)
	}
	return d.announce(ctx, Announcement{Content: id})
}

// Withdraw ends an Announce. Records that others hold expire within 12 hours.
// Withdrawing what was never announced succeeds.
func (d *Discovery) Withdraw(ctx context.Context, pool pdx.PoolID, role pdx.Role) error {
	if err := checkPresence(pool, role); err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	return d.withdraw(ctx, Announcement{Pool: pool, Role: role})
}

// WithdrawContent ends an AnnounceContent, like Withdraw.
func (d *Discovery) WithdrawContent(ctx context.Context, id pdx.ContentID) error {
	if id.IsZero() {
		return fmt.Errorf("withdraw: %w: no content id", pdx.ErrInvalid)
	}
	return d.withdraw(ctx, Announcement{Content: id})
}

// Announced lists what this node wants to announce; on an unlisted node, what
// it would announce if it were listed.
func (d *Discovery) Announced(ctx context.Context) ([]Announcement, error) {
	all, err := d.list.all(ctx)
	if err != nil {
		return nil, fmt.Errorf("list announcements: %w", err)
	}
	return all, nil
}

// announce stores before it announces: what is announced is always in the list.
func (d *Discovery) announce(ctx context.Context, a Announcement) error {
	if d.opt.Unlisted {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.list.put(ctx, a); err != nil {
		return fmt.Errorf("store an announcement: %w", err)
	}
	if d.state != running || d.sweep == nil {
		d.Wake()
		return nil // the sweep begins with the whole list, once there is a peer
	}
	return d.sweep.add(true, a.key(d.opt.ChainID))
}

func (d *Discovery) withdraw(ctx context.Context, a Announcement) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state == running && d.sweep != nil {
		if err := d.sweep.remove(a.key(d.opt.ChainID)); err != nil {
			return fmt.Errorf("withdraw: %w", err)
		}
	}
	if err := d.list.delete(ctx, a); err != nil {
		return fmt.Errorf("forget an announcement: %w", err)
	}
	return nil
}
