package discovery

import (
	"context"
	"fmt"

	"github.com/medibloc/pdx"
)

// Announce announces that this node acts as role in a pool, until Withdraw and over
// restarts. It returns when the announcement is stored; the network learns of it as
// soon as there are peers, for which Announce starts to search. On an unlisted node it
// does nothing. It returns ErrInvalid for an invalid role or pool.
func (d *Discovery) Announce(ctx context.Context, pool pdx.PoolID, role pdx.Role) error {
	if err := checkPresence(pool, role); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return d.announce(ctx, Announcement{Pool: pool, Role: role})
}

// AnnounceContent announces that this node serves a ciphertext. Otherwise it is like
// Announce.
func (d *Discovery) AnnounceContent(ctx context.Context, id pdx.ContentID) error {
	if id.IsZero() {
		return fmt.Errorf("announce: %w: no content id", pdx.ErrInvalid)
	}
	return d.announce(ctx, Announcement{Content: id})
}

// Withdraw ends an announcement of Announce. Records at other nodes expire within 12
// hours. Withdrawing what was never announced is not an error.
func (d *Discovery) Withdraw(ctx context.Context, pool pdx.PoolID, role pdx.Role) error {
	if err := checkPresence(pool, role); err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	return d.withdraw(ctx, Announcement{Pool: pool, Role: role})
}

// WithdrawContent ends an announcement of AnnounceContent. Otherwise it is like
// Withdraw.
func (d *Discovery) WithdrawContent(ctx context.Context, id pdx.ContentID) error {
	if id.IsZero() {
		return fmt.Errorf("withdraw: %w: no content id", pdx.ErrInvalid)
	}
	return d.withdraw(ctx, Announcement{Content: id})
}

// AnnounceRelay announces that this node relays for others. Otherwise it is like Announce.
func (d *Discovery) AnnounceRelay(ctx context.Context) error {
	return d.announce(ctx, Announcement{Relay: true})
}

// WithdrawRelay ends the announcement of AnnounceRelay. Otherwise it is like Withdraw.
func (d *Discovery) WithdrawRelay(ctx context.Context) error {
	return d.withdraw(ctx, Announcement{Relay: true})
}

// Announced lists the stored announcements. On an unlisted node these are earlier ones,
// which are not announced while it is unlisted.
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
