package gossip

import (
	"context"
	"errors"
	"fmt"
	"sync"

	pubsub "github.com/libp2p/go-libp2p-pubsub"

	"github.com/medibloc/pdx"
)

// joined is a pool whose topic this node has joined, for one or more subscriptions.
type joined struct {
	topic  *pubsub.Topic
	subs   map[*Subscription]struct{}
	cancel context.CancelFunc // ends gathering
}

// A Subscription receives the notices of a pool. Close it.
type Subscription struct {
	mesh  *Mesh
	pool  pdx.PoolID
	topic *pubsub.Topic
	sub   *pubsub.Subscription
	done  context.Context //nolint:containedctx // ends with the membership
	close context.CancelFunc
	once  sync.Once
}

// Join subscribes to a pool. It returns ErrInvalid for pool 0 and beyond the number of pools
// that peers track, and ErrUnavailable if the Mesh is not running.
func (m *Mesh) Join(_ context.Context, pool pdx.PoolID) (*Subscription, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state != running {
		return nil, fmt.Errorf("join pool %v: %w: topic does not run", pool, pdx.ErrUnavailable)
	}
	j, known := m.joined[pool]
	if !known {
		var err error
		if j, err = m.enter(pool); err != nil {
			return nil, fmt.Errorf("join pool %v: %w", pool, err)
		}
	}
	s, err := m.subscribe(pool, j)
	if err != nil && !known {
		m.leave(pool, j)
	}
	return s, err
}

// enter joins the topic of a pool. The caller holds the lock.
func (m *Mesh) enter(pool pdx.PoolID) (*joined, error) {
	if pool == 0 || len(m.joined) == MaxJoined {
		return nil, fmt.Errorf("%w: pools are numbered from 1, and %d can be joined", pdx.ErrInvalid, MaxJoined)
	}
	name := m.names.topic(pool)
	err := m.pubsub.RegisterTopicValidator(name, m.judge.validator(pool),
		pubsub.WithValidatorTimeout(validateTimeout), pubsub.WithValidatorConcurrency(validators))
	if err != nil {
		return nil, err
	}
	topic, err := m.pubsub.Join(name)
	if err == nil {
		err = topic.SetScoreParams(topicScore())
	}
	if err != nil {
		return nil, errors.Join(err, m.pubsub.UnregisterTopicValidator(name))
	}
	ctx, cancel := context.WithCancel(m.ctx)
	j := &joined{topic: topic, subs: make(map[*Subscription]struct{}), cancel: cancel}
	m.joined[pool] = j
	if m.opt.Find != nil {
		m.wg.Go(func() { m.gather(ctx, pool, topic) })
	}
	return j, nil
}

func (m *Mesh) subscribe(pool pdx.PoolID, j *joined) (*Subscription, error) {
	self := m.host.ID()
	sub, err := j.topic.Subscribe(pubsub.WithBufferSize(pending),
		pubsub.WithMessageFilter(func(msg *pubsub.Message) bool { return msg.GetFrom() != self }))
	if err != nil {
		return nil, fmt.Errorf("listen in pool %v: %w", pool, err)
	}
	s := &Subscription{mesh: m, pool: pool, topic: j.topic, sub: sub}
	s.done, s.close = context.WithCancel(m.ctx)
	j.subs[s] = struct{}{}
	return s, nil
}

// leave ends a pool's subscriptions and topic. The caller holds the lock.
func (m *Mesh) leave(pool pdx.PoolID, j *joined) {
	delete(m.joined, pool)
	j.cancel()
	for s := range j.subs {
		s.close()
		s.sub.Cancel()
	}
	// Both fail only when the mesh itself has ended.
	_ = j.topic.Close()
	_ = m.pubsub.UnregisterTopicValidator(m.names.topic(pool))
}

// Close ends the subscription; the last one of a pool leaves it. It is
// idempotent, and ends a waiting Next.
func (s *Subscription) Close() {
	s.once.Do(func() {
		s.close()
		s.mesh.mu.Lock()
		defer s.mesh.mu.Unlock()
		j, ok := s.mesh.joined[s.pool]
		if !ok {
			return // the mesh has left
		}
		if _, mine := j.subs[s]; !mine {
			return // of an earlier time in this pool
		}
		if len(j.subs) == 1 {
			s.mesh.leave(s.pool, j)
			return
		}
		delete(j.subs, s)
		s.sub.Cancel()
	})
}

// Pool returns the pool of the subscription.
func (s *Subscription) Pool() pdx.PoolID { return s.pool }

// Peers returns how many peers of the pool are connected.
func (s *Subscription) Peers() int { return len(s.topic.ListPeers()) }

// Next waits for a notice. Notices arrive at most once and in any order. It returns
// ErrWrongState if the subscription is closed.
func (s *Subscription) Next(ctx context.Context) (Notice, error) {
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.done, cancel)()
	msg, err := s.sub.Next(wait)
	switch {
	case s.done.Err() != nil:
		return Notice{}, fmt.Errorf("pool %v: %w: no longer listening", s.pool, pdx.ErrWrongState)
	case err != nil:
		return Notice{}, err
	}
	return msg.ValidatorData.(Notice), nil
}

// Publish publishes a notice in the pool. It returns when the mesh has accepted it; who receives
// it is unknown. It returns ErrInvalid or ErrRefused for a notice that others would reject, and
// ErrUnavailable for one that they would ignore: this node's role is not known here yet, or it
// publishes too much.
func (s *Subscription) Publish(ctx context.Context, body Body) error {
	if err := s.publish(ctx, body); err != nil {
		return fmt.Errorf("publish in pool %v: %w", s.pool, err)
	}
	return nil
}

func (s *Subscription) publish(ctx context.Context, body Body) error {
	if s.done.Err() != nil {
		return fmt.Errorf("%w: no longer listening", pdx.ErrWrongState)
	}
	own, err := s.mesh.ownBinding()
	if err != nil {
		return err
	}
	payload, err := encode(s.pool, body, own, s.mesh.opt.Now())
	if err != nil {
		return err
	}
	err = s.topic.Publish(ctx, payload)
	var verdict pubsub.ValidationError
	switch {
	case errors.As(err, &verdict) && verdict.Reason == pubsub.RejectValidationIgnored:
		return fmt.Errorf("%w: %w", pdx.ErrUnavailable, err)
	case errors.As(err, &verdict):
		return fmt.Errorf("%w: %w", pdx.ErrRefused, err)
	}
	return err
}
