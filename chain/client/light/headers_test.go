package light_test

import (
	"errors"
	"testing"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/light"
)

func TestHonest(t *testing.T) {
	c := newChain(t)
	h := c.headers()
	first, err := h.Latest(t.Context(), c.source())
	require.NoError(t, err)
	c.WaitHeight(t, first.Height+3)
	next, err := h.Latest(t.Context(), c.source())
	require.NoError(t, err)
	require.Greater(t, next.Height, first.Height)
	require.NoError(t, h.Agree(t.Context(), c.source(), next))

	at := next.Height
	res, err := c.rpc.Header(t.Context(), &at)
	require.NoError(t, err)
	require.Equal(t, res.Header.Hash(), next.Hash())
}

func TestForgedHeaders(t *testing.T) {
	c := newChain(t)
	for name, l := range map[string]struct {
		forge func(*coretypes.ResultCommit)
		what  string
	}{
		"another state":      {func(r *coretypes.ResultCommit) { r.Header.AppHash = flipped(r.Header.AppHash) }, "does not hold together"},
		"another time":       {func(r *coretypes.ResultCommit) { r.Header.Time = r.Header.Time.Add(time.Second) }, "does not hold together"},
		"another chain":      {func(r *coretypes.ResultCommit) { r.Header.ChainID = "other-1" }, "does not hold together"},
		"a broken signature": {func(r *coretypes.ResultCommit) { r.Commit.Signatures[0].Signature[0] ^= 1 }, "does not follow"},
		"no signature":       {func(r *coretypes.ResultCommit) { r.Commit.Signatures[0] = types.NewCommitSigAbsent() }, "does not follow"},
		"a stranger's signature": {func(r *coretypes.ResultCommit) {
			r.Header.AppHash = flipped(r.Header.AppHash)
			c.resign(r, ed25519.GenPrivKey())
		}, "does not follow"},
		"a time of the future, signed by a stranger": {func(r *coretypes.ResultCommit) {
			r.Header.Time = time.Now().Add(time.Hour)
			c.resign(r, ed25519.GenPrivKey())
		}, "does not follow"},
	} {
		t.Run(name, func(t *testing.T) {
			h := c.headers()
			good, err := h.Latest(t.Context(), c.source())
			require.NoError(t, err)
			c.WaitHeight(t, good.Height+2)
			liar := c.liar()
			liar.commit = l.forge
			_, err = h.Latest(t.Context(), liar.source())
			requireLie(t, err, l.what)
			if err := h.Agree(t.Context(), liar.source(), good); err != nil { // who signed is not in the hash
				requireLie(t, err, "")
			} else {
				require.Contains(t, name, "signature")
			}
			_, err = h.Latest(t.Context(), c.source())
			require.NoError(t, err, "a lie leaves nothing behind")
		})
	}
}

// Chain validators who sign two blocks of one height are found out where two
// endpoints are asked.
func TestFork(t *testing.T) {
	c := newChain(t)
	h := c.headers()
	_, err := h.Latest(t.Context(), c.source())
	require.NoError(t, err)
	liar := c.liar()
	liar.commit = func(r *coretypes.ResultCommit) {
		r.Header.AppHash = flipped(r.Header.AppHash)
		c.resign(r, c.key())
	}
	good, err := c.headers().Latest(t.Context(), c.source())
	require.NoError(t, err)
	c.WaitHeight(t, good.Height+3)
	forged, err := h.Latest(t.Context(), liar.source())
	require.NoError(t, err, "one endpoint alone cannot be seen through")
	require.ErrorIs(t, h.Agree(t.Context(), c.source(), forged), light.ErrFork)
}

func TestAnchor(t *testing.T) {
	c := newChain(t)
	t.Run("of another block", func(t *testing.T) {
		anchor := c.anchor()
		anchor.Hash = flipped(anchor.Hash)
		h := c.headers(func(config *light.Config) { config.Anchor = anchor })
		_, err := h.Latest(t.Context(), c.liar().source())
		requireLie(t, err, "chain.trust.hash")
	})
	t.Run("expired", func(t *testing.T) {
		h := c.headers(func(config *light.Config) {
			config.Anchor.Period = time.Hour
			config.Now = func() time.Time { return time.Now().Add(time.Hour) }
		})
		_, err := h.Latest(t.Context(), c.source())
		require.ErrorIs(t, err, light.ErrExpired)
		require.ErrorContains(t, err, "chain.trust.height")
	})
	t.Run("refused", func(t *testing.T) {
		for _, a := range []light.Anchor{
			{},
			{Height: 1},
			{Height: 1, Hash: []byte{1}},
			{Hash: make([]byte, 32)},
			{Height: 1, Hash: make([]byte, 32), Period: -1},
		} {
			_, err := light.New(light.Config{ChainID: "c", Anchor: a})
			require.ErrorIs(t, err, pdx.ErrInvalid)
		}
		_, err := light.New(light.Config{Anchor: c.anchor()})
		require.ErrorIs(t, err, pdx.ErrInvalid)
	})
}

func TestStale(t *testing.T) {
	c := newChain(t)
	now := time.Now()
	h := c.headers(func(config *light.Config) { config.Now = func() time.Time { return now } })
	_, err := h.Latest(t.Context(), c.source())
	require.NoError(t, err)
	now = now.Add(2 * light.MaxAge)
	_, err = h.Latest(t.Context(), c.source())
	require.ErrorIs(t, err, light.ErrStale)
	require.ErrorContains(t, err, "honest")

	now = time.Now()
	liar := c.liar()
	old, err := c.rpc.Commit(t.Context(), nil)
	require.NoError(t, err)
	c.WaitHeight(t, old.Height+3)
	verified, err := h.Latest(t.Context(), c.source())
	require.NoError(t, err)
	liar.commit = func(r *coretypes.ResultCommit) { *r = *old }
	again, err := h.Latest(t.Context(), liar.source())
	require.NoError(t, err)
	require.Equal(t, verified.Height, again.Height, "what was verified counts while it is young")
	now = old.Time.Add(light.MaxAge + time.Second)
	_, err = h.Latest(t.Context(), liar.source())
	require.ErrorIs(t, err, light.ErrStale)
}

func TestUnreachable(t *testing.T) {
	c := newChain(t)
	h := c.headers()
	require.NoError(t, c.Stop(t.Context()))
	_, err := h.Latest(t.Context(), c.source())
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.NotErrorIs(t, err, pdx.ErrCorrupt)
	c.Restart(t)
	require.Eventually(t, func() bool { _, err = h.Latest(t.Context(), c.source()); return err == nil }, time.Minute, 10*time.Millisecond)
}

// One that says it timed out is not waited for.
func TestSaysTimeout(t *testing.T) {
	c := newChain(t)
	liar := c.liar()
	liar.err = errors.New("Client.Timeout exceeded while awaiting headers")
	_, err := c.headers().Latest(t.Context(), liar.source())
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.Len(t, liar.asked, 1)
}

func TestMemory(t *testing.T) {
	c := newChain(t)
	mem := &memory{}
	kept := func(config *light.Config) { config.Memory = mem }
	block, err := c.headers(kept).Latest(t.Context(), c.source())
	require.NoError(t, err)
	require.Equal(t, 1, mem.saves)

	t.Run("goes on from there", func(t *testing.T) {
		watched := c.liar()
		h := c.headers(kept)
		_, err := h.Latest(t.Context(), watched.source())
		require.NoError(t, err)
		require.NotContains(t, watched.asked, int64(1), "the anchor is not asked for")
		require.Equal(t, 1, mem.saves, "a block a little newer is not worth a write")
	})
	t.Run("is dropped for another anchor", func(t *testing.T) {
		c.WaitHeight(t, block.Height+2)
		watched := c.liar()
		h := c.headers(kept, func(config *light.Config) {
			config.Anchor.Height, config.Anchor.Hash = block.Height, block.Hash()
		})
		_, err := h.Latest(t.Context(), watched.source())
		require.NoError(t, err)
		require.Contains(t, watched.asked, block.Height)
	})
	t.Run("is passed over when it is damaged", func(t *testing.T) {
		for _, raw := range []string{"", "{", `{"chain_id":"panacea-local-1"}`, "null"} {
			h := c.headers(func(config *light.Config) { config.Memory = &memory{raw: []byte(raw)} })
			_, err := h.Latest(t.Context(), c.source())
			require.NoError(t, err)
		}
	})
	t.Run("that fails is told", func(t *testing.T) {
		broken := &memory{err: errors.New("input/output error")}
		h := c.headers(func(config *light.Config) { config.Memory = broken })
		_, err := h.Latest(t.Context(), c.source())
		require.ErrorIs(t, err, light.ErrMemory)
		require.NotErrorIs(t, err, pdx.ErrCorrupt, "no source is to blame")
		broken.err = nil
		_, err = h.Latest(t.Context(), c.source())
		require.NoError(t, err)
	})
}

// A machine whose clock is behind is told so, and its honest endpoint is not called a liar.
func TestClockBehind(t *testing.T) {
	c := newChain(t)
	behind := time.Hour
	h := c.headers(func(config *light.Config) { config.Now = func() time.Time { return time.Now().Add(-behind) } })
	_, err := h.Latest(t.Context(), c.source())
	require.ErrorIs(t, err, light.ErrClock)
	require.NotErrorIs(t, err, pdx.ErrCorrupt)
	require.ErrorContains(t, err, "after this machine's time")
	behind = 0
	_, err = h.Latest(t.Context(), c.source())
	require.NoError(t, err, "put right, it goes on")
}

func TestPrunedAnchorIsNamed(t *testing.T) {
	c := newChain(t)
	pruned := c.liar()
	pruned.pruned = errors.New("height 1 is not available, lowest height is 500")
	_, err := c.headers().Latest(t.Context(), pruned.source())
	require.ErrorIs(t, err, light.ErrAnchorPruned)
	require.ErrorContains(t, err, "chain.trust.height")
	require.ErrorContains(t, err, "chain.endpoints")
}
