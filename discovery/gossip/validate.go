package gossip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/internal/ratelimit"
)

// errIgnored: not invalid, but not to be forwarded now.
var errIgnored = errors.New("ignored")

// judge checks the notices of all pools.
type judge struct {
	chainID string
	roles   Roles
	now     func() time.Time
	log     *slog.Logger
	authors *ratelimit.Buckets[peer.ID]
	conduct *conduct
	behind  func() bool
}

func newAuthors() *ratelimit.Buckets[peer.ID] {
	return ratelimit.New[peer.ID](authorNotices, maxAuthors)
}

// validator judges the messages of one pool's topic. A panic is logged and the
// message ignored, so that no peer is blamed for a fault of this node.
func (j *judge) validator(pool pdx.PoolID) pubsub.ValidatorEx {
	return func(ctx context.Context, from peer.ID, m *pubsub.Message) (result pubsub.ValidationResult) {
		defer func() {
			if p := recover(); p != nil {
				j.log.Error("panic in topic", slog.String("pool_id", pool.String()), slog.String("peer_id", from.String()),
					slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
				result = pubsub.ValidationIgnore
			}
		}()
		notice, err := j.judge(ctx, pool, from, m.GetFrom(), m.GetData())
		if err == nil {
			m.ValidatorData = notice
			return pubsub.ValidationAccept
		}
		j.log.Debug("notice not taken", slog.String("pool_id", pool.String()), slog.String("peer_id", from.String()), slog.Any("error", err))
		if errors.Is(err, errIgnored) {
			return pubsub.ValidationIgnore
		}
		return pubsub.ValidationReject
	}
}

// judge reads the notice that author published in pool and from forwarded; the mesh has
// checked author's signature. The cheap checks come first. An error that is not
// errIgnored means that no honest peer publishes or forwards this.
func (j *judge) judge(ctx context.Context, pool pdx.PoolID, from, author peer.ID, payload []byte) (Notice, error) {
	notice, bound, err := decode(payload)
	if err != nil {
		return Notice{}, err
	}
	if notice.Pool != pool {
		return Notice{}, fmt.Errorf("%w: a notice of pool %v", pdx.ErrInvalid, notice.Pool)
	}
	now := j.now()
	if age := now.Sub(notice.Sent); age > maxAge || age < -maxSkew {
		return Notice{}, fmt.Errorf("%w: sent %v ago", errIgnored, age)
	}
	if !j.authors.Allow(author, 1, now) {
		return Notice{}, fmt.Errorf("%w: its author talks too much", errIgnored)
	}
	proven, err := identity.CheckBinding(bound, identity.Terms{ChainID: j.chainID, Peer: author}, now)
	if errors.Is(err, attest.ErrExpired) {
		return Notice{}, fmt.Errorf("%w: %w", errIgnored, err) // by our clock
	}
	if err != nil {
		return Notice{}, err
	}
	notice.Author, notice.Peer = proven.Account, author
	return notice, j.checkAuthor(ctx, from, notice)
}

// checkAuthor checks that the author of a notice has the role that it needs, and asks the
// chain only within the limits of the peer that forwarded it. That peer is blamed for a notice
// about which the chain knows nothing and for questions beyond its own allowance: the
// clock, another's rate and an endpoint that is away or lags are not its fault.
func (j *judge) checkAuthor(ctx context.Context, from peer.ID, n Notice) error {
	deal, _ := n.Body.senders()
	if !j.roles.Known(n.Pool, deal, n.Author) && !j.conduct.mayAsk(from) {
		j.conduct.metrics.drop("questions")
		return fmt.Errorf("%w: too many questions to the chain", errIgnored)
	}
	switch checkRole(ctx, j.roles, n.Pool, n.Author, n.Body) {
	case Holds:
		return nil
	case Unasked:
		return fmt.Errorf("%w: the chain cannot be asked for the role of %v", errIgnored, n.Author)
	case Unknown:
		if !j.behind() {
			j.conduct.doubt(from, deal)
		}
		j.conduct.metrics.drop("unknown")
		return fmt.Errorf("%w: the role of %v is not known yet", errIgnored, n.Author)
	}
	return fmt.Errorf("%w: %v has not the role", pdx.ErrRefused, n.Author)
}
