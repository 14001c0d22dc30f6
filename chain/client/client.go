package client

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Config says which chain to speak to, as whom, and at what cost.
type Config struct {
	// ChainID that every transaction is signed for.
	ChainID string
	// GRPC is host:port, or https://host:port for TLS.
	GRPC string
	// RPC is a CometBFT RPC address such as http://127.0.0.1:26657.
	RPC string
	// Keyring holds the key named KeyName; both may be zero for reading only.
	Keyring keyring.Keyring
	KeyName string
	// GasPrice in umed for one unit of gas; 0 takes Panacea's minimum.
	GasPrice uint64
	// MaxFee is the most that one transaction may cost in fees; 0 takes DefaultMaxFee.
	MaxFee pdx.Amount
	// Poll is how often the chain is asked for a new block; 0 takes DefaultPoll.
	Poll time.Duration
}

// Client is a connection to one chain for one account.
type Client struct {
	cfg     Config
	conn    *grpc.ClientConn
	rpc     *rpchttp.HTTP
	account pdx.Address
	cdc     codec.Codec
	txs     client.TxConfig

	auth  authtypes.QueryClient
	bank  banktypes.QueryClient
	query types.QueryClient
	tx    txtypes.ServiceClient

	mu     sync.Mutex // guards signer and is held from signing until CheckTx answered
	signer signer
}

// New checks cfg and prepares a Client; it speaks to nobody yet. Close it.
func New(cfg Config) (*Client, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg}
	if err := c.loadAccount(); err != nil {
		return nil, err
	}
	c.cdc, c.txs = newCodec()
	rpc, err := rpchttp.New(cfg.RPC, "/websocket")
	if err != nil {
		return nil, fmt.Errorf("chain rpc %q: %w: %v", cfg.RPC, pdx.ErrInvalid, err)
	}
	c.rpc = rpc
	if c.conn, err = dial(cfg.GRPC, c.cdc); err != nil {
		return nil, err
	}
	c.auth = authtypes.NewQueryClient(c.conn)
	c.bank = banktypes.NewQueryClient(c.conn)
	c.query = types.NewQueryClient(c.conn)
	c.tx = txtypes.NewServiceClient(c.conn)
	return c, nil
}

// Close ends the connections.
func (c *Client) Close() error { return c.conn.Close() }

// Account is the address that transactions are signed by; empty for a reader.
func (c *Client) Account() pdx.Address { return c.account }

// ChainID is the chain that this client signs for.
func (c *Client) ChainID() string { return c.cfg.ChainID }

func (cfg *Config) fill() error {
	switch {
	case cfg.ChainID == "":
		return fmt.Errorf("chain id is missing: %w", pdx.ErrInvalid)
	case cfg.GRPC == "":
		return fmt.Errorf("chain grpc address is missing: %w", pdx.ErrInvalid)
	case cfg.RPC == "":
		return fmt.Errorf("chain rpc address is missing: %w", pdx.ErrInvalid)
	}
	if cfg.GasPrice == 0 {
		cfg.GasPrice = MinGasPrice
	}
	if cfg.MaxFee == 0 {
		cfg.MaxFee = DefaultMaxFee
	}
	if cfg.Poll == 0 {
		cfg.Poll = DefaultPoll
	}
	return nil
}

func (c *Client) loadAccount() error {
	if c.cfg.Keyring == nil {
		return nil
	}
	record, err := c.cfg.Keyring.Key(c.cfg.KeyName)
	if err != nil {
		return fmt.Errorf("key %q of the keyring: %w: %v", c.cfg.KeyName, pdx.ErrInvalid, err)
	}
	raw, err := record.GetAddress()
	if err != nil {
		return fmt.Errorf("key %q of the keyring: %w: %v", c.cfg.KeyName, pdx.ErrInvalid, err)
	}
	text, err := addresses.BytesToString(raw)
	c.account = pdx.Address(text)
	return err
}

// dial connects lazily; a host without a scheme is spoken to in the clear, as
// a node on the same machine is.
func dial(target string, cdc codec.Codec) (*grpc.ClientConn, error) {
	creds := insecure.NewCredentials()
	if host, ok := strings.CutPrefix(target, "https://"); ok {
		target, creds = host, credentials.NewTLS(nil)
	}
	target = strings.TrimPrefix(target, "http://")
	grpcCodec, ok := cdc.(codec.GRPCCodecProvider)
	if !ok {
		return nil, errors.New("the codec has no gRPC form")
	}
	conn, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(grpcCodec.GRPCCodec()), grpc.MaxCallRecvMsgSize(maxAnswer)),
	)
	if err != nil {
		return nil, fmt.Errorf("chain grpc %q: %w: %v", target, pdx.ErrInvalid, err)
	}
	return conn, nil
}
