package client

import (
	"fmt"
	"slices"
	"time"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/light"
)

// Config names the chain, its endpoints, the signing key and the limits on fees.
type Config struct {
	// ChainID is signed with every transaction.
	ChainID string
	// GRPC is host:port, or https://host:port for TLS.
	GRPC string
	// RPC is a CometBFT RPC address such as http://127.0.0.1:26657.
	RPC string
	// More are further endpoints of the same chain, preferred ones first. A dead,
	// lagging or lying endpoint is avoided.
	More []Endpoint
	// Trust is where verification starts; nil means that nothing can be verified.
	Trust *light.Anchor
	// Memory stores verified headers over restarts; nil means that they are lost.
	Memory light.Memory
	// Identity stores which chain this node has worked with, so that another one with the
	// same name is noticed: see ErrOtherChain. Nil means that it is not.
	Identity light.Memory
	// Keyring holds the key named KeyName; both may be zero for reading only.
	Keyring keyring.Keyring
	KeyName string
	// GasPrice is the least that is paid, in umed for one unit of gas, if the chain asks
	// for less; 0 means Panacea's minimum.
	GasPrice uint64
	// MaxGasPrice is the most that is paid if the chain asks for more; 0 means
	// DefaultMaxGasPrice, or GasPrice if that is more.
	MaxGasPrice uint64
	// MaxFee is the most that one transaction may cost in fees; 0 means DefaultMaxFee.
	MaxFee pdx.Amount
	// Poll is the interval between checks for a new block; 0 means DefaultPoll.
	Poll time.Duration

	silence time.Duration // shorter in tests
}

// An Endpoint has the addresses of a node of the chain, in the form of Config.
type Endpoint struct{ GRPC, RPC string }

// A Client is a Ledger over the endpoints of one chain.
type Client struct {
	*Ledger
	ends     *endpoints
	wallet   *wallet
	verified *Verified
	chainID  string
}

// New checks cfg and returns a Client, which connects when it is used. Close it.
func New(cfg Config) (*Client, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	account, err := cfg.account()
	if err != nil {
		return nil, err
	}
	headers, err := cfg.headers()
	if err != nil {
		return nil, err
	}
	ends, err := newEndpoints(cfg)
	if err != nil {
		return nil, err
	}
	for _, e := range ends.list {
		e.account = account
	}
	backend := &wallet{endpoints: ends, cfg: cfg, account: account, signing: make(chan struct{}, 1), sent: newUnconfirmed()}
	return &Client{
		Ledger: NewLedger(account, backend), ends: ends, wallet: backend, chainID: cfg.ChainID,
		verified: &Verified{ends: ends, headers: headers},
	}, nil
}

// Close ends the connections.
func (c *Client) Close() error { return c.ends.close() }

// Verified returns a reader of proven values.
func (c *Client) Verified() *Verified { return c.verified }

// Endpoints returns the health of each endpoint, in the order of the configuration.
func (c *Client) Endpoints() []EndpointHealth { return c.ends.health() }

// GasPrice returns what the chain asks for gas, and what this node pays at most.
func (c *Client) GasPrice() GasPrice {
	return GasPrice{c.wallet.asked.Load(), c.wallet.cfg.MaxGasPrice}
}

// OtherSigner returns when another program was last seen to sign for this account, the zero
// time if none was in the last hour. A copy of a node's home does.
func (c *Client) OtherSigner() time.Time { return c.wallet.others.when(time.Now()) }

// ChainID returns the chain for which this client signs.
func (c *Client) ChainID() string { return c.chainID }

func (cfg *Config) fill() error {
	switch {
	case cfg.ChainID == "":
		return fmt.Errorf("chain id is missing: %w", pdx.ErrInvalid)
	case cfg.GRPC == "":
		return fmt.Errorf("chain grpc address is missing: %w", pdx.ErrInvalid)
	case cfg.RPC == "":
		return fmt.Errorf("chain rpc address is missing: %w", pdx.ErrInvalid)
	case slices.ContainsFunc(cfg.More, func(e Endpoint) bool { return e.GRPC == "" || e.RPC == "" }):
		return fmt.Errorf("a further endpoint without grpc or rpc address: %w", pdx.ErrInvalid)
	case cfg.Poll < 0:
		return fmt.Errorf("poll interval %v: %w", cfg.Poll, pdx.ErrInvalid)
	}
	if cfg.GasPrice == 0 {
		cfg.GasPrice = MinGasPrice
	}
	if cfg.MaxGasPrice == 0 {
		cfg.MaxGasPrice = max(DefaultMaxGasPrice, cfg.GasPrice)
	}
	if cfg.MaxFee == 0 {
		cfg.MaxFee = DefaultMaxFee
	}
	if cfg.silence == 0 {
		cfg.silence = silenceTime
	}
	if cfg.Poll == 0 {
		cfg.Poll = DefaultPoll
	}
	return nil
}

// headers returns nil without an anchor.
func (cfg *Config) headers() (*light.Headers, error) {
	if cfg.Trust == nil {
		return nil, nil
	}
	return light.New(light.Config{ChainID: cfg.ChainID, Anchor: *cfg.Trust, Memory: cfg.Memory})
}

// account returns the address of the key, empty without a keyring.
func (cfg *Config) account() (pdx.Address, error) {
	if cfg.Keyring == nil {
		return "", nil
	}
	record, err := cfg.Keyring.Key(cfg.KeyName)
	if err != nil {
		return "", fmt.Errorf("key %q of the keyring: %w: %v", cfg.KeyName, pdx.ErrInvalid, err)
	}
	raw, err := record.GetAddress()
	if err != nil {
		return "", fmt.Errorf("key %q of the keyring: %w: %v", cfg.KeyName, pdx.ErrInvalid, err)
	}
	text, err := addresses.BytesToString(raw)
	return pdx.Address(text), err
}
