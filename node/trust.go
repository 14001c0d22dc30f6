package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/store"
)

// TrustConfig is the block from which everything that is read before a delivery
// is verified.
type TrustConfig struct {
	Height int64  `koanf:"height"`
	Hash   string `koanf:"hash"` // of its header, 64 hex digits
	// Period is for how long a verified block vouches for others; 0: two thirds of
	// the time in which a stake on Panacea unbonds.
	Period time.Duration `koanf:"period"`
	// None lets a seller deliver on the word of the endpoints alone.
	None bool `koanf:"none"`
}

const (
	// proofEvery is how often verification is tried, so that what is wrong shows
	// before a sale needs it.
	proofEvery = time.Minute
	// proofRetry is the pause after it failed.
	proofRetry = 10 * time.Second
	// readyWait is how long an order to sell may wait for a verification: a call
	// of the local API is answered in 5 s.
	readyWait = 4 * time.Second
	// minPeriod of trust: a shorter one passes while a machine restarts.
	minPeriod = time.Hour
)

func (t TrustConfig) validate() error {
	_, err := t.anchor()
	return err
}

// anchor is nil when there is none.
func (t TrustConfig) anchor() (*light.Anchor, error) {
	if t.Height == 0 && t.Hash == "" {
		return nil, nil
	}
	hash, err := hex.DecodeString(t.Hash)
	switch {
	case err != nil || len(hash) != 32:
		return nil, bad("chain.trust.hash", t.Hash, "write the 64 hex digits of the hash of block chain.trust.height")
	case t.Height < 1:
		return nil, bad("chain.trust.height", fmt.Sprint(t.Height), "write the height of the block whose hash is chain.trust.hash")
	case t.Period != 0 && t.Period < minPeriod:
		return nil, bad("chain.trust.period", t.Period.String(), fmt.Sprintf("at least %v, and less than stakes take to unbond, like 336h", minPeriod))
	case t.None:
		return nil, bad("chain.trust.none", "true", "it contradicts chain.trust.hash: remove one of them")
	}
	return &light.Anchor{Height: t.Height, Hash: hash, Period: t.Period}, nil
}

// endpoints are those beside the first.
func (c ChainConfig) endpoints() ([]client.Endpoint, error) {
	var list []client.Endpoint
	for _, text := range c.Endpoints {
		fields := strings.Fields(text)
		if len(fields) != 2 {
			return nil, bad("chain.endpoints", text, "write gRPC and RPC address with a blank between: 127.0.0.1:9090 http://127.0.0.1:26657")
		}
		e := client.Endpoint{GRPC: fields[0], RPC: fields[1]}
		if err := checkGRPC(e.GRPC); err != nil {
			return nil, bad("chain.endpoints", text, err.Error())
		}
		if err := checkRPC(e.RPC); err != nil {
			return nil, bad("chain.endpoints", text, err.Error())
		}
		list = append(list, e)
	}
	return list, nil
}

// proofMemory keeps the newest verified block in the node's database.
type proofMemory struct{ table *store.Table[proofDocument] }

type proofDocument struct{ Raw []byte }

// newestProof is the key of its only row.
const newestProof = "newest"

func (m proofMemory) Load(ctx context.Context) ([]byte, error) {
	document, err := m.table.Get(ctx, newestProof)
	return document.Raw, notDamaged(err) // verification begins at the anchor again
}

func (m proofMemory) Save(ctx context.Context, raw []byte) error {
	return m.table.Put(ctx, newestProof, proofDocument{raw})
}

// prover is how the seller reads what a key is delivered for.
type prover struct {
	chain    *client.Client
	believes bool // chain.trust.none
}

// Deal is proven, or believed where the owner said so.
func (p prover) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error) {
	if !p.believes {
		return p.chain.Verified().Deal(ctx, id)
	}
	deal, err := p.chain.Deal(ctx, id)
	if err != nil {
		return deal, pdx.Head{}, err
	}
	head, err := p.chain.Head(ctx)
	return deal, head, err
}

// Ready is nil while deals can be proven: the chain was verified lately, or can
// be now.
func (p prover) Ready(ctx context.Context) error {
	if p.believes {
		return nil
	}
	state := p.chain.Verified().State()
	switch {
	case errors.Is(state.Err, client.ErrNoTrust):
		return fmt.Errorf("%w; %s", state.Err, trustAdvice)
	case state.Err == nil && time.Since(state.At) < 2*proofEvery:
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	_, err := p.chain.Verified().Head(ctx)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: the chain's endpoints do not answer in %v: %w", pdx.ErrUnavailable, readyWait, err)
	}
	return err
}

// trustAdvice is how a node without trust gets one.
const trustAdvice = "'curl -s RPC/block?height=N' shows the hash of block N, see \"Which block to trust\" in the configuration guide;" +
	" then start the daemon again. Where all endpoints are your own, set chain.trust.none to true instead"

// Missing reports whether a node with this configuration can deliver no key,
// because it neither trusts a block nor is told to go without.
func (t TrustConfig) Missing() bool { return t.Height == 0 && t.Hash == "" && !t.None }

// MissingAdvice is what to tell the owner of a node whose trust is Missing.
const MissingAdvice = "this node trusts no block of the chain, so it refuses to sell: " +
	"set chain.trust.height and chain.trust.hash in its configuration to a block that you trust; " + trustAdvice

// proveLoop verifies the chain from time to time, until ctx ends.
func (n *Node) proveLoop(ctx context.Context) {
	for ctx.Err() == nil {
		err := n.chain.Verified().Check(ctx)
		if errors.Is(err, client.ErrNoTrust) {
			return
		}
		wait := proofEvery
		if err != nil && ctx.Err() == nil {
			n.log.Warn("the chain cannot be verified; trying on", "error", err)
			wait = proofRetry
		}
		pause(ctx, wait)
	}
}

// proofHealth reports whether a seller could deliver, and why not.
func (n *Node) proofHealth() api.Health {
	h := api.Health{Part: "proofs"}
	state := n.chain.Verified().State()
	switch {
	case n.cfg.Chain.Trust.None:
		h.OK = true
		h.Message = "reads are UNVERIFIED: chain.trust.none lets this node deliver keys on the word of its endpoints alone"
	case errors.Is(state.Err, client.ErrNoTrust):
		h.Message = state.Err.Error() + "; until then this node refuses to sell and delivers no key; " + trustAdvice
	case state.Err != nil:
		h.Message = "nothing is offered and no key is delivered while the chain cannot be verified: " + state.Err.Error()
	case state.At.IsZero():
		h.OK, h.Message = true, "not verified yet"
	default:
		h.OK = true
		h.Message = fmt.Sprintf("verified up to block %d, %v ago; %d further endpoints agree", state.Head.Height, time.Since(state.At).Round(time.Second), state.Agreed)
	}
	return h
}

// endpointHealth names endpoints that were left.
func (n *Node) endpointHealth() (list []api.Health) {
	standings := n.chain.Endpoints()
	for _, s := range standings {
		if s.Lied || s.Trouble != "" && len(standings) > 1 {
			list = append(list, api.Health{Part: "endpoint", Message: s.Address + ": " + s.Trouble + endpointAdvice(s, len(standings))})
		}
	}
	return list
}

// endpointAdvice is what a person can do about an endpoint.
func endpointAdvice(s client.Standing, of int) string {
	switch {
	case of == 1:
		return "; name an endpoint that you trust in chain.grpc and chain.rpc, and others in chain.endpoints"
	case s.Lied:
		return "; the others are asked first; remove it from the configuration unless it is repaired"
	}
	return "; the others are asked first"
}
