package discovery

import (
	"context"
	"fmt"
	"strings"

	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"

	"github.com/medibloc/pdx"
)

// An Announcement is what this node announces: a role in a pool, a ciphertext that it
// serves, or that it relays.
type Announcement struct {
	Pool    pdx.PoolID    // 0 unless it is a role in a pool
	Role    pdx.Role      // the same
	Content pdx.ContentID // zero unless it is a ciphertext
	Relay   bool
}

func (a Announcement) key(chainID string) cid.Cid {
	switch {
	case a.Relay:
		return RelayKey(chainID)
	case a.Pool != 0:
		return PoolKey(chainID, a.Pool, a.Role)
	}
	return ContentKey(a.Content)
}

// announcements is the list of what this node wants to announce, kept in a
// datastore: the keys are the list, and the values are empty.
type announcements struct{ store datastore.Datastore }

const (
	poolList    = "pool"
	contentList = "content"
	relayList   = "relay"
)

func (l announcements) put(ctx context.Context, a Announcement) error {
	key := listKey(a)
	if err := l.store.Put(ctx, key, []byte{}); err != nil {
		return err
	}
	return l.store.Sync(ctx, key)
}

func (l announcements) delete(ctx context.Context, a Announcement) error {
	key := listKey(a)
	if err := l.store.Delete(ctx, key); err != nil {
		return err
	}
	return l.store.Sync(ctx, key)
}

func (l announcements) all(ctx context.Context) ([]Announcement, error) {
	found, err := l.store.Query(ctx, query.Query{KeysOnly: true})
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var all []Announcement
	for entry := range found.Next() {
		if entry.Error != nil {
			return nil, entry.Error
		}
		a, err := parseListKey(entry.Key)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

func listKey(a Announcement) datastore.Key {
	switch {
	case a.Relay:
		return datastore.KeyWithNamespaces([]string{relayList})
	case a.Pool != 0:
		return datastore.KeyWithNamespaces([]string{poolList, a.Pool.String(), string(a.Role)})
	}
	return datastore.KeyWithNamespaces([]string{contentList, a.Content.String()})
}

func parseListKey(key string) (Announcement, error) {
	parts := strings.Split(strings.TrimPrefix(key, "/"), "/")
	switch {
	case len(parts) == 1 && parts[0] == relayList:
		return Announcement{Relay: true}, nil
	case len(parts) == 3 && parts[0] == poolList:
		pool, err := pdx.ParsePoolID(parts[1])
		return Announcement{Pool: pool, Role: pdx.Role(parts[2])}, err
	case len(parts) == 2 && parts[0] == contentList:
		content, err := pdx.ParseContentID(parts[1])
		return Announcement{Content: content}, err
	}
	return Announcement{}, fmt.Errorf("%w: announcement %q", pdx.ErrCorrupt, key)
}
