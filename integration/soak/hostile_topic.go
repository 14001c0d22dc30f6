//go:build linux

package soak

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
)

// madeUpNotices is how many notices one attack publishes at most.
const madeUpNotices = 2000

// madeUpAuthors publishes notices in a pool's topic about deals that do not exist, each
// signed by a peer and an account that have just been made up.
func madeUpAuthors(ctx context.Context, h *hostile, _ peer.ID) error {
	if len(h.Pools) == 0 {
		return fmt.Errorf("no pools are known")
	}
	pool := h.Pools[h.random.IntN(len(h.Pools))]
	topic, err := h.pubsub.Join(fmt.Sprintf("/pdx/%s/pool/%d/1", h.ChainID, pool))
	if err != nil {
		return err
	}
	defer topic.Close()
	for i := 0; i < madeUpNotices && ctx.Err() == nil; i++ {
		key, _, err := crypto.GenerateEd25519Key(rand.Reader)
		if err != nil {
			return err
		}
		payload, author, err := h.madeUp(key, pool)
		if err != nil {
			return err
		}
		if err := topic.Publish(ctx, payload, pubsub.WithSecretKeyAndPeerId(key, author)); err != nil {
			return err
		}
	}
	return nil
}

// madeUp returns a notice of a made-up seller about a made-up deal.
func (h *hostile) madeUp(key crypto.PrivKey, pool uint64) (payload []byte, author peer.ID, err error) {
	if author, err = peer.IDFromPrivateKey(key); err != nil {
		return nil, "", err
	}
	signer := identitytest.New(rand.Text())
	b, err := identity.Bind(signer, identity.Terms{ChainID: h.ChainID, Peer: author}, time.Now())
	if err != nil {
		return nil, "", err
	}
	payload, err = proto.Marshal(&discoverypb.Notice{
		Binding: b, PoolId: pool, Sent: time.Now().UnixMilli(),
		Body: &discoverypb.Notice_Offered{Offered: &discoverypb.Offered{DealId: 1<<40 + h.random.Uint64N(1<<40)}},
	})
	return payload, author, err
}
