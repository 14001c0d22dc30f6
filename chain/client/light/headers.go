package light

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	cmtlight "github.com/cometbft/cometbft/light"
	"github.com/cometbft/cometbft/light/provider"
	"github.com/cometbft/cometbft/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
)

// An Anchor is a header that the owner trusts, with the trusting period; a Period of 0
// means DefaultPeriod.
type Anchor struct {
	Height int64
	Hash   []byte // of the header, 32 bytes
	Period time.Duration
}

// Config configures Headers. Memory may be nil; Now, if nil, is time.Now.
type Config struct {
	ChainID string
	Anchor  Anchor
	Memory  Memory
	Now     func() time.Time
}

// Headers verifies headers of one chain.
type Headers struct {
	chainID string
	anchor  Anchor
	memory  Memory
	now     func() time.Time
	blocks  *memStore

	mu       sync.Mutex // guards the rest, and saving
	recalled bool
	saved    time.Time // of the saved block
}

// New returns a Headers, which has sent no request yet. It returns pdx.ErrInvalid for
// an invalid configuration.
func New(c Config) (*Headers, error) {
	if c.Anchor.Period == 0 {
		c.Anchor.Period = DefaultPeriod
	}
	switch {
	case c.ChainID == "":
		return nil, fmt.Errorf("light client: %w: no chain id", pdx.ErrInvalid)
	case c.Anchor.Height < 1 || len(c.Anchor.Hash) != hashSize:
		return nil, fmt.Errorf("light client: %w: an anchor is a height from 1 and a hash of %d bytes", pdx.ErrInvalid, hashSize)
	case c.Anchor.Period < 0:
		return nil, fmt.Errorf("light client: %w: trusting period %v", pdx.ErrInvalid, c.Anchor.Period)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Headers{chainID: c.ChainID, anchor: c.Anchor, memory: c.Memory, now: c.Now, blocks: &memStore{}}, nil
}

// hashSize is the size of a header's hash.
const hashSize = 32

// Latest verifies the newest block of a source and returns it. If the source shows an
// older block than the newest verified one, Latest returns the verified one. It returns
// ErrStale if the block is older than MaxAge.
func (h *Headers) Latest(ctx context.Context, s Source) (*types.LightBlock, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if err := h.recall(ctx); err != nil {
		return nil, err
	}
	a := ask(h.chainID, s)
	newest, err := a.LightBlock(ctx, 0)
	if err != nil {
		return nil, judge(s, "its newest block", err)
	}
	if last := h.blocks.last(); last != nil && newest.Height < last.Height {
		if err := h.young(s, newest); err != nil {
			return nil, err
		}
		return last, h.young(s, last)
	}
	verified, err := h.verify(ctx, a, s, newest)
	if err != nil {
		return nil, err
	}
	return verified, h.young(s, verified)
}

func (h *Headers) young(s Source, block *types.LightBlock) error {
	if age := h.now().Sub(block.Time); age > MaxAge {
		return fmt.Errorf("%s: %w: block %d is %s old: "+
			"the chain has halted, this endpoint lags or hides what is newer, or this machine's clock is wrong",
			s.Name, ErrStale, block.Height, message.Duration(age))
	}
	return nil
}

// verify verifies a block that is not older than the newest verified one.
func (h *Headers) verify(ctx context.Context, a *asked, s Source, block *types.LightBlock) (*types.LightBlock, error) {
	if h.blocks.last() == nil {
		if err := h.begin(ctx, a, s); err != nil {
			return nil, err
		}
	}
	trusted := h.blocks.copied() // an incomplete verification leaves no trace
	if known, err := trusted.LightBlock(block.Height); err == nil {
		if !bytes.Equal(known.Hash(), block.Hash()) {
			return nil, h.conflict(ctx, a, s, block)
		}
		return known, nil
	}
	if err := h.follows(ctx, a, s, trusted, block); err != nil {
		return nil, err
	}
	h.remember(ctx, block)
	return block, nil
}

// follows verifies a block from trusted blocks. A block of the future that is rightly signed
// is ErrClock: who can have it signed is no liar.
func (h *Headers) follows(ctx context.Context, a *asked, s Source, trusted *memStore, block *types.LightBlock) error {
	if ahead := block.Time.Sub(h.now()); ahead > maxDrift && h.verifyAt(ctx, a, trusted, block, block.Time) == nil {
		return fmt.Errorf("block %d was made %v after this machine's time: %w: set it", block.Height, ahead.Round(time.Second), ErrClock)
	}
	return judge(s, fmt.Sprintf("block %d", block.Height), h.verifyAt(ctx, a, trusted, block, h.now()))
}

// verifyAt verifies a block as at a time.
func (h *Headers) verifyAt(ctx context.Context, a *asked, trusted *memStore, block *types.LightBlock, now time.Time) error {
	client, err := cmtlight.NewClientFromTrustedStore(h.chainID, h.anchor.Period, a, []provider.Provider{a}, trusted.copied(),
		cmtlight.MaxClockDrift(maxDrift), cmtlight.PruningSize(keepBlocks))
	if err != nil {
		return fmt.Errorf("light client: %w", err)
	}
	verified, err := client.VerifyLightBlockAtHeight(ctx, block.Height, now)
	if err == nil && !bytes.Equal(verified.Hash(), block.Hash()) {
		err = errors.New("it is not the block that was asked for")
	}
	return err
}

// begin adds the anchor's block.
func (h *Headers) begin(ctx context.Context, a *asked, s Source) error {
	what := fmt.Sprintf("block %d, the anchor,", h.anchor.Height)
	block, err := a.LightBlock(ctx, h.anchor.Height)
	if errors.Is(err, provider.ErrLightBlockNotFound) {
		return fmt.Errorf("%s: %w: it no longer has block %d: set chain.trust.height and chain.trust.hash to a recent block"+
			" that you trust, or name an endpoint that keeps old blocks in chain.endpoints", s.Name, ErrAnchorPruned, h.anchor.Height)
	}
	if err != nil {
		return judge(s, what, err)
	}
	if !bytes.Equal(block.Hash(), h.anchor.Hash) {
		return lie(s, "it shows block %d as %X, chain.trust.hash is %X: "+
			"unless that was mistyped or is of a chain that was reset since", h.anchor.Height, block.Hash(), h.anchor.Hash)
	}
	if cmtlight.HeaderExpired(block.SignedHeader, h.anchor.Period, h.now()) {
		return judge(s, what, cmtlight.ErrOldHeaderExpired{At: block.Time.Add(h.anchor.Period), Now: h.now()})
	}
	if err := block.ValidatorSet.VerifyCommitLight(h.chainID, block.Commit.BlockID, block.Height, block.Commit); err != nil {
		return judge(s, what, err)
	}
	h.remember(ctx, block)
	return nil
}

// Agree asks another source for the block of a verified block's height. It returns nil
// if the source has the same block, a *Lie if it has another block that does not
// verify, and ErrFork if it has another one that does.
func (h *Headers) Agree(ctx context.Context, s Source, block *types.LightBlock) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	a := ask(h.chainID, s)
	other, err := a.LightBlock(ctx, block.Height)
	if err != nil {
		return judge(s, fmt.Sprintf("block %d", block.Height), err)
	}
	if bytes.Equal(other.Hash(), block.Hash()) {
		return nil
	}
	return h.conflict(ctx, a, s, other)
}

// conflict judges a block that differs from a verified one of its height, from the verified
// block before it.
func (h *Headers) conflict(ctx context.Context, a *asked, s Source, other *types.LightBlock) error {
	before, err := h.blocks.LightBlockBefore(other.Height)
	if err != nil {
		return lie(s, "it shows another block %d than the trusted one", other.Height)
	}
	err = h.follows(ctx, a, s, &memStore{blocks: []*types.LightBlock{before}}, other)
	if err != nil && !errors.Is(err, ErrClock) { // which is signed, too
		return err
	}
	return fmt.Errorf("block %d of %s: %w", other.Height, s.Name, ErrFork)
}
