package node

import (
	"path/filepath"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
)

// Config is what a node is told; DefaultConfig says what each is without being
// told. It comes from config.yaml in the node's home and from the environment
// (PDX_CHAIN_GRPC for chain.grpc), which goes before the file. Every setting is
// explained in docs/guides/configuration.md.
type Config struct {
	// Home is the folder of everything that the node keeps; not in the file.
	Home  string      `koanf:"-" yaml:"-"`
	Chain ChainConfig `koanf:"chain"`
	P2P   P2PConfig   `koanf:"p2p"`
	API   APIConfig   `koanf:"api"`
	// Upload takes effect while the node runs; the rest does at its start.
	Upload UploadConfig `koanf:"upload"`
	// Roles that this node plays: seller, buyer, validator.
	Roles     []string        `koanf:"roles"`
	Seller    SellerConfig    `koanf:"seller"`
	Validator ValidatorConfig `koanf:"validator"`
	Buyer     BuyerConfig     `koanf:"buyer"`
	Log       LogConfig       `koanf:"log"`
	// Warnings are about settings that were read and will not be in a later
	// version; not in the file.
	Warnings []string `koanf:"-" yaml:"-"`
}

// ValidatorConfig says how this node validates.
type ValidatorConfig struct {
	// Promise has certificates promise that this node serves the ciphertext to
	// the pool's buyer until the deal has ended.
	Promise bool `koanf:"promise"`
	// Room is the most ciphertext that is kept, promised or being checked, like
	// 100GiB; what would not fit is not certified now.
	Room string `koanf:"room"`
}

// BuyerConfig says how this node buys.
type BuyerConfig struct {
	// Vouchers hands acks to sellers off chain and sends them to the chain only
	// where a seller does not take them.
	Vouchers bool `koanf:"vouchers"`
}

// ChainConfig names the chain and where it is spoken to.
type ChainConfig struct {
	ID   string `koanf:"id"`
	GRPC string `koanf:"grpc"` // host:port, or https://host:port
	RPC  string `koanf:"rpc"`  // http://host:port
	// Endpoints are further nodes of the chain, each "GRPC RPC": the first that is
	// well is asked, the others watch over what it says.
	Endpoints []string `koanf:"endpoints"`
	// Trust is the block from which what is read is verified.
	Trust TrustConfig `koanf:"trust"`
	// Poll is how often a new block is asked for, at least minPoll.
	Poll time.Duration `koanf:"poll"`
	// MaxFee is the most that one transaction may cost in fees, like 50MED.
	MaxFee string `koanf:"max_fee"`
}

// P2PConfig says how the node meets others.
type P2PConfig struct {
	// Listen are multiaddrs of TCP ports; QUIC takes the same numbers.
	Listen []string `koanf:"listen"`
	// QUIC lets the node use QUIC where TCP cannot connect. Off: everything is
	// Noise over TCP.
	QUIC bool `koanf:"quic"`
	// MDNS finds nodes of the same local network.
	MDNS bool `koanf:"mdns"`
	// LocalNetwork lets loopback and private addresses be announced and dialled:
	// for a network on one machine or one LAN.
	LocalNetwork bool `koanf:"local_network"`
	// DHT says whether the node serves the DHT: auto, server or client.
	DHT string `koanf:"dht"`
	// Bootstrap are multiaddrs with /p2p/ of nodes to meet first; the registered
	// validators on chain are met in any case.
	Bootstrap []string `koanf:"bootstrap"`
	// Unlisted nodes find others and announce nothing.
	Unlisted bool `koanf:"unlisted"`
}

// APIConfig says where the node's own tools reach it.
type APIConfig struct {
	// Socket is the absolute path of a unix socket; empty: pdx.sock in the home.
	Socket string `koanf:"socket"`
	// Metrics is host:port for Prometheus to read; empty: off.
	Metrics string `koanf:"metrics"`
	// Web is host:port, on a loopback address, of the marketplace page; empty: off.
	Web string `koanf:"web"`
}

// SellerConfig says how data is sold.
type SellerConfig struct {
	// OneCopyFrom is the size from which on disclosed records are not kept a
	// second time, sealed, but sealed again whenever they are pulled, like 64MiB;
	// "never" seals everything into a copy.
	OneCopyFrom string `koanf:"one_copy_from"`
}

// UploadConfig says how fast blobs are sent, to all pullers together.
type UploadConfig struct {
	// Rate is like 10MiB, in bytes a second; empty is no limit.
	Rate string `koanf:"rate"`
	// Hours are like "08:00-18:00 2MiB": times of every day, by the local clock,
	// with a rate of their own.
	Hours []string `koanf:"hours"`
}

// LogConfig says what is logged.
type LogConfig struct {
	Level string `koanf:"level"` // debug, info, warn, error
}

// DefaultConfig is a node of the localnet on this machine, in every role.
func DefaultConfig(home string) Config {
	return Config{
		Home:      home,
		Chain:     ChainConfig{ID: "panacea-local-1", GRPC: "127.0.0.1:9090", RPC: "http://127.0.0.1:26657", Endpoints: []string{}, Poll: time.Second, MaxFee: "50MED"},
		Upload:    UploadConfig{Hours: []string{}},
		P2P:       P2PConfig{Listen: []string{"/ip4/0.0.0.0/tcp/0"}, QUIC: true, MDNS: true, DHT: string(discovery.ModeAuto)},
		Roles:     []string{string(pdx.RoleSeller), string(pdx.RoleBuyer), string(pdx.RoleValidator)},
		Seller:    SellerConfig{OneCopyFrom: "64MiB"},
		Validator: ValidatorConfig{Promise: true, Room: "100GiB"}, Buyer: BuyerConfig{Vouchers: true},
		Log: LogConfig{Level: "info"},
	}
}

// Plays reports whether the node plays a role.
func (cfg Config) Plays(role pdx.Role) bool { return slices.Contains(cfg.Roles, string(role)) }

// ConfigFile is where a home's configuration lies.
func ConfigFile(home string) string { return filepath.Join(home, "config.yaml") }

// SocketPath is where the local API of a home listens.
func (cfg Config) SocketPath() string {
	if cfg.API.Socket != "" {
		return cfg.API.Socket
	}
	return filepath.Join(cfg.Home, socketFile)
}
