package config

import (
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/discovery"
)

// Config contains all settings of a node; Default returns their defaults. Load reads them
// from config.yaml in the node's home and from environment variables, such as
// PDX_CHAIN_GRPC for chain.grpc, which override the file. A setting with a unit is text,
// such as 10MiB, 50MED or 336h. docs/guides/configuration.md explains every setting.
type Config struct {
	// Home is the node's data folder. It is not written to the file.
	Home string `koanf:"-" yaml:"-"`
	// WorkFactor is log2 of scrypt's N for the key file of a new home; 0 means
	// store.DefaultWorkFactor. It is not written to the file.
	WorkFactor int `koanf:"-" yaml:"-"`
	// Blobs and State are where the node keeps blobs and its state: a path, absolute
	// or below the home, or SCHEME://….
	Blobs string `koanf:"blobs"`
	State string `koanf:"state"`

	Chain Chain `koanf:"chain"`
	P2P   P2P   `koanf:"p2p"`
	Relay Relay `koanf:"relay"`
	API   API   `koanf:"api"`
	// Upload and the level of Log take effect while the node runs; the other settings take effect at
	// its next start. See NeedRestart.
	Upload Upload `koanf:"upload"`
	// Roles are the roles that this node plays: seller, buyer, validator.
	Roles     []string  `koanf:"roles"`
	Seller    Seller    `koanf:"seller"`
	Validator Validator `koanf:"validator"`
	Buyer     Buyer     `koanf:"buyer"`
	Log       Log       `koanf:"log"`
	// RelayOnly says that the node was started to relay and for nothing else; see OnlyRelay. It
	// is not written to the file.
	RelayOnly bool `koanf:"-" yaml:"-"`
	// Warnings name deprecated settings that were read. They are not written to
	// the file.
	Warnings []string `koanf:"-" yaml:"-"`
	// Unmarked reports that the file has no end marker, so that it would not be noticed
	// if it were cut off. It is not written to the file.
	Unmarked bool `koanf:"-" yaml:"-"`
}

// Validator holds the settings of the validator role.
type Validator struct {
	// Promise makes certificates promise that this node serves the ciphertext to
	// the pool's buyer until the deal has ended.
	Promise bool `koanf:"promise"`
	// Quota, like 100GiB, is the most that others make the node store: ciphertext that a
	// validator keeps, promised or being checked, and criteria and schemas. A dataset that
	// does not fit is not certified for now.
	Quota string `koanf:"quota"`
}

// Buyer holds the settings of the buyer role.
type Buyer struct {
	// SignedAcks hands acks to sellers off chain, and sends them to the chain only
	// if a seller does not take them.
	SignedAcks bool `koanf:"signed_acks"`
}

// Chain names the chain and its endpoints.
type Chain struct {
	ID   string `koanf:"id"`
	GRPC string `koanf:"grpc"` // host:port, or https://host:port
	RPC  string `koanf:"rpc"`  // http://host:port
	// Endpoints are further nodes of the chain, each "GRPC RPC". Queries go to the
	// first healthy one; the others cross-check its answers.
	Endpoints []string `koanf:"endpoints"`
	// Trust is the block from which reads are verified.
	Trust Trust `koanf:"trust"`
	// Poll is the interval between checks for a new block, at least 10 ms.
	Poll time.Duration `koanf:"poll"`
	// MaxFee is the most that one transaction may cost in fees, like 50MED.
	MaxFee string `koanf:"max_fee"`
	// GasPrice is the least that a unit of gas is paid with, in umed, if the chain asks for
	// less; 0 means Panacea's minimum.
	GasPrice uint64 `koanf:"gas_price"`
	// MaxGasPrice is the most that a unit of gas is paid with, in umed, if the chain asks
	// for more than GasPrice; at least that and at least Panacea's minimum.
	MaxGasPrice uint64 `koanf:"max_gas_price"`
}

// P2P holds the settings of the peer-to-peer network.
type P2P struct {
	// Listen are multiaddrs of TCP ports; QUIC uses the same port numbers.
	Listen []string `koanf:"listen"`
	// QUIC lets the node use QUIC where TCP cannot connect. Without it, all
	// connections are Noise over TCP.
	QUIC bool `koanf:"quic"`
	// WebSocket are multiaddrs of TCP ports with /ws at their ends to listen on for peers in a
	// browser; empty means none.
	WebSocket []string `koanf:"websocket"`
	// MDNS finds nodes on the same local network.
	MDNS bool `koanf:"mdns"`
	// LocalNetwork lets loopback and private addresses be announced and dialled,
	// for a network on one machine or one LAN.
	LocalNetwork bool `koanf:"local_network"`
	// DHT is the mode in which the node takes part in the DHT. A server stores and finds
	// records for others, a client only uses them; auto is server while peers can dial the
	// node, or while its account is a registered validator.
	DHT string `koanf:"dht"`
	// Bootstrap are multiaddrs with /p2p/ of nodes to connect to first, or names like
	// /dnsaddr/example.org that stand for such. The validators registered on chain are
	// always used as well.
	Bootstrap []string `koanf:"bootstrap"`
	// Unlisted makes the node find others without announcing anything.
	Unlisted bool `koanf:"unlisted"`
	// LowConnections is to how many connections they are cut down when there are more than
	// HighConnections.
	LowConnections  int `koanf:"low_connections"`
	HighConnections int `koanf:"high_connections"`
	// MaxConnections is how many connections others may open at most, and as many this node;
	// AddressConnections is how many of them one IPv4 address or IPv6 /56 may open.
	MaxConnections     int `koanf:"max_connections"`
	AddressConnections int `koanf:"address_connections"`
	// Peering are multiaddrs with /p2p/ of nodes to stay connected to.
	Peering []string `koanf:"peering"`
	// Allow and Deny name peers, accounts, and addresses or ranges of them; see package access.
	Allow []string `koanf:"allow"`
	Deny  []string `koanf:"deny"`
	// PrivateNetwork is the path of a file with the pre-shared key of a private network, absolute or
	// below the home; empty means none. QUIC is not used with it.
	PrivateNetwork string `koanf:"private_network"`
}

// API holds the addresses on which the node serves its own tools.
type API struct {
	// Socket is the absolute path of a unix socket; empty means pdx.sock in the home.
	Socket string `koanf:"socket"`
	// Metrics is the host:port at which Prometheus reads metrics; empty turns it off.
	Metrics string `koanf:"metrics"`
	// Web is the host:port of the marketplace page, on a loopback address; empty
	// turns it off.
	Web string `koanf:"web"`
}

// Seller holds the settings of the seller role.
type Seller struct {
	// OneCopyFrom is the size, like 64MiB, from which disclosed records are not
	// stored a second time in sealed form but sealed again whenever they are pulled;
	// "never" always stores the sealed copy.
	OneCopyFrom string `koanf:"one_copy_from"`
	// KeepDisclosed keeps the disclosed records of sales that are over.
	KeepDisclosed bool `koanf:"keep_disclosed"`
}

// Upload limits how fast blobs are sent, to all pullers together.
type Upload struct {
	// Rate is in bytes per second, like 10MiB; empty means no limit.
	Rate string `koanf:"rate"`
	// Hours are daily periods by the local clock, each with its own rate, like
	// "08:00-18:00 2MiB".
	Hours []string `koanf:"hours"`
}

// Log holds the settings of the log.
type Log struct {
	Level  string `koanf:"level"`  // debug, info, warn, error
	Format string `koanf:"format"` // LogText or LogJSON
	// Keep is how much of the log the home keeps for 'pdx logs', like 16MiB; 0 is nothing.
	Keep string `koanf:"keep"`
	// Stderr is whether the log goes to standard error, too.
	Stderr bool `koanf:"stderr"`
}

// KeepBytes returns how much of the log the home keeps.
func (l Log) KeepBytes() (uint64, error) {
	n, err := humanize.ParseBytes(l.Keep)
	if err != nil || n > math.MaxInt64 {
		return 0, invalid("log.keep", l.Keep, "write it like 16MiB; 0 keeps nothing")
	}
	return n, nil
}

// The formats of the log: lines of name=value, and lines of JSON objects.
const (
	LogText = "text"
	LogJSON = "json"
)

// Default returns the settings of a node of the localnet on this machine, in every role.
func Default(home string) Config {
	return Config{
		Home: home, Blobs: "blobs", State: "node.db",
		Chain: Chain{
			ID: "panacea-local-1", GRPC: "127.0.0.1:9090", RPC: "http://127.0.0.1:26657", Endpoints: []string{},
			Poll: time.Second, MaxFee: "50MED", GasPrice: client.MinGasPrice, MaxGasPrice: client.DefaultMaxGasPrice,
		},
		Upload: Upload{Hours: []string{}},
		P2P: P2P{
			Listen: []string{"/ip4/0.0.0.0/tcp/0", "/ip6/::/tcp/0"}, QUIC: true, WebSocket: []string{}, MDNS: true, DHT: string(discovery.ModeAuto),
			LowConnections: 160, HighConnections: 320, MaxConnections: 2048, AddressConnections: 64,
			Peering: []string{}, Allow: []string{}, Deny: []string{},
		},
		Relay:     Relay{Serve: RelayAuto, Use: RelayAny, Reservations: 256, Circuits: 16, AccountBytes: "64GiB", TotalBytes: "1TiB"},
		Roles:     []string{string(pdx.RoleSeller), string(pdx.RoleBuyer), string(pdx.RoleValidator)},
		Seller:    Seller{OneCopyFrom: "64MiB"},
		Validator: Validator{Promise: true, Quota: "100GiB"},
		Buyer:     Buyer{SignedAcks: true},
		Log:       Log{Level: "info", Format: LogText, Keep: "16MiB", Stderr: true},
	}
}

// Plays reports whether the node plays a role.
func (cfg Config) Plays(role pdx.Role) bool { return slices.Contains(cfg.Roles, string(role)) }

// File returns the path of a home's configuration.
func File(home string) string { return filepath.Join(home, "config.yaml") }

// SocketPath returns the path of the home's local API socket.
func (cfg Config) SocketPath() string {
	if cfg.API.Socket != "" {
		return cfg.API.Socket
	}
	return filepath.Join(cfg.Home, "pdx.sock")
}
