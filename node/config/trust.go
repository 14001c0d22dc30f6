package config

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/medibloc/pdx/chain/client/light"
)

// Trust names the block from which everything that a seller reads before a delivery
// is verified.
type Trust struct {
	Height int64  `koanf:"height"`
	Hash   string `koanf:"hash"` // of its header, 64 hex digits
	// Period is how long a verified block may be used to verify later ones; 0 means
	// two thirds of Panacea's unbonding period.
	Period time.Duration `koanf:"period"`
	// None lets a seller deliver on the unverified answers of the endpoints.
	None bool `koanf:"none"`
}

// minPeriod is the shortest trust period; a shorter one ends while a machine restarts.
const minPeriod = time.Hour

// Anchor parses chain.trust. It returns nil if no block is trusted.
func (t Trust) Anchor() (*light.Anchor, error) {
	if t.Height == 0 && t.Hash == "" {
		return nil, nil
	}
	hash, err := hex.DecodeString(t.Hash)
	switch {
	case err != nil || len(hash) != 32:
		return nil, invalid("chain.trust.hash", t.Hash, "write the 64 hex digits of the hash of block chain.trust.height")
	case t.Height < 1:
		return nil, invalid("chain.trust.height", fmt.Sprint(t.Height), "write the height of the block whose hash is chain.trust.hash")
	case t.Period != 0 && t.Period < minPeriod:
		return nil, invalid("chain.trust.period", t.Period.String(),
			fmt.Sprintf("use at least %v and less than the chain's unbonding period, like 336h", minPeriod))
	case t.None:
		return nil, invalid("chain.trust.none", "true", "contradicts chain.trust.hash: remove one of them")
	}
	return &light.Anchor{Height: t.Height, Hash: hash, Period: t.Period}, nil
}

// Missing reports whether a node with this configuration cannot deliver keys,
// because it neither trusts a block nor is allowed to go without.
func (t Trust) Missing() bool { return t.Height == 0 && t.Hash == "" && !t.None }

// TrustAdvice says how to set a trusted block.
const TrustAdvice = "'curl -s RPC/block?height=N' shows the hash of block N, see \"Which block to trust\" in the configuration guide;" +
	" then restart the daemon. If all endpoints are your own, set chain.trust.none to true instead"
