package node

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/web"
)

// Config is what a node is told; DefaultConfig says what each is without being
// told. It comes from config.yaml in the node's home and from the environment
// (PDX_CHAIN_GRPC for chain.grpc), which goes before the file.
type Config struct {
	// Home is the folder of everything that the node keeps; not in the file.
	Home  string      `koanf:"-" yaml:"-"`
	Chain ChainConfig `koanf:"chain"`
	P2P   P2PConfig   `koanf:"p2p"`
	API   APIConfig   `koanf:"api"`
	// Roles that this node plays: seller, buyer, validator.
	Roles []string  `koanf:"roles"`
	Log   LogConfig `koanf:"log"`
}

// ChainConfig names the chain and where it is spoken to.
type ChainConfig struct {
	ID   string `koanf:"id"`
	GRPC string `koanf:"grpc"` // host:port, or https://host:port
	RPC  string `koanf:"rpc"`  // http://host:port
	// Poll is how often a new block is asked for.
	Poll time.Duration `koanf:"poll"`
	// MaxFee is the most that one transaction may cost in fees, like 20MED.
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
	// Private lets loopback and private addresses be announced and dialled: for
	// a development network on one machine or one LAN.
	Private bool `koanf:"private"`
	// Bootstrap are multiaddrs with /p2p/ of nodes to meet first; the registered
	// validators on chain are met in any case.
	Bootstrap []string `koanf:"bootstrap"`
	// Unlisted nodes find others and announce nothing.
	Unlisted bool `koanf:"unlisted"`
}

// APIConfig says where the node's own tools reach it.
type APIConfig struct {
	// Socket is the path of a unix socket; empty: pdx.sock in the home.
	Socket string `koanf:"socket"`
	// Metrics is host:port for Prometheus to read; empty: off.
	Metrics string `koanf:"metrics"`
	// Web is host:port, on a loopback address, of the marketplace page; empty: off.
	Web string `koanf:"web"`
}

// LogConfig says what is logged.
type LogConfig struct {
	Level string `koanf:"level"` // debug, info, warn, error
}

// DefaultConfig is a node of the localnet on this machine, in every role.
func DefaultConfig(home string) Config {
	return Config{
		Home:  home,
		Chain: ChainConfig{ID: "panacea-local-1", GRPC: "127.0.0.1:9090", RPC: "http://127.0.0.1:26657", Poll: time.Second, MaxFee: "20MED"},
		P2P:   P2PConfig{Listen: []string{"/ip4/0.0.0.0/tcp/0"}, QUIC: true, MDNS: true},
		Roles: []string{string(pdx.RoleSeller), string(pdx.RoleBuyer), string(pdx.RoleValidator)},
		Log:   LogConfig{Level: "info"},
	}
}

// LoadConfig reads the configuration of a home.
func LoadConfig(home string) (Config, error) {
	cfg := DefaultConfig(home)
	k := koanf.New(".")
	if err := k.Load(structs.Provider(cfg, "koanf"), nil); err != nil {
		return cfg, err
	}
	name := ConfigFile(home)
	if err := k.Load(file.Provider(name), yaml.Parser()); err != nil && !os.IsNotExist(err) {
		return cfg, fmt.Errorf("configuration %s: %w: %v", name, pdx.ErrInvalid, err)
	}
	if err := k.Load(env.Provider(".", env.Opt{Prefix: envPrefix, TransformFunc: fromEnv}), nil); err != nil {
		return cfg, err
	}
	if err := unknownKeys(k); err != nil {
		return cfg, fmt.Errorf("configuration %s: %w", name, err)
	}
	if err := k.Unmarshal("", &cfg); err != nil {
		return cfg, fmt.Errorf("configuration %s: %w: %v", name, pdx.ErrInvalid, err)
	}
	if err := cfg.Validate(); err != nil {
		return cfg, fmt.Errorf("configuration %s: %w", name, err)
	}
	return cfg, nil
}

// Save writes the configuration into its home; a file that is there already is
// never overwritten.
func (cfg Config) Save() error {
	k := koanf.New(".")
	if err := k.Load(structs.Provider(cfg, "koanf"), nil); err != nil {
		return err
	}
	text, err := k.Marshal(yaml.Parser())
	if err != nil {
		return err
	}
	f, err := os.OpenFile(ConfigFile(cfg.Home), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Close()
}

// Validate names the first setting that cannot be.
func (cfg Config) Validate() error {
	switch {
	case cfg.Chain.ID == "":
		return bad("chain.id", cfg.Chain.ID, "it is empty")
	case cfg.Chain.GRPC == "" || cfg.Chain.RPC == "":
		return bad("chain.grpc, chain.rpc", "", "both are needed: `pdx localnet start` prints those of a development chain")
	case len(cfg.P2P.Listen) == 0:
		return bad("p2p.listen", "", "it wants at least one address, like /ip4/0.0.0.0/tcp/0")
	}
	for _, a := range cfg.P2P.Listen {
		if err := checkListen(a); err != nil {
			return bad("p2p.listen", a, err.Error())
		}
	}
	for _, r := range cfg.Roles {
		if !slices.Contains([]pdx.Role{pdx.RoleSeller, pdx.RoleBuyer, pdx.RoleValidator}, pdx.Role(r)) {
			return bad("roles", r, "there are seller, buyer and validator")
		}
	}
	if cfg.API.Web != "" {
		if err := web.CheckAddress(cfg.API.Web); err != nil {
			return fmt.Errorf("api.web = %q: %w", cfg.API.Web, err)
		}
	}
	if _, err := pdx.ParseAmount(cfg.Chain.MaxFee); err != nil {
		return fmt.Errorf("chain.max_fee: %w", err)
	}
	if _, err := cfg.level(); err != nil {
		return bad("log.level", cfg.Log.Level, "there are debug, info, warn and error")
	}
	return nil
}

func checkListen(text string) error {
	addr, err := multiaddr.NewMultiaddr(text)
	if err != nil {
		return err
	}
	if _, err := addr.ValueForProtocol(multiaddr.P_TCP); err != nil {
		return fmt.Errorf("it names no TCP port; QUIC takes the same number by itself")
	}
	return nil
}

func bad(setting, value, why string) error {
	return fmt.Errorf("%s = %q: %w: %s", setting, value, pdx.ErrInvalid, why)
}

func (cfg Config) level() (slog.Level, error) {
	var level slog.Level
	err := level.UnmarshalText([]byte(cfg.Log.Level))
	return level, err
}

// Plays tells whether the node plays a role.
func (cfg Config) Plays(role pdx.Role) bool { return slices.Contains(cfg.Roles, string(role)) }

const envPrefix = "PDX_"

// fromEnv makes chain.max_fee of PDX_CHAIN_MAX_FEE: the first underscore parts
// section and setting. Names without one are not settings.
func fromEnv(key, value string) (string, any) {
	name := strings.ToLower(strings.TrimPrefix(key, envPrefix))
	section, setting, ok := strings.Cut(name, "_")
	if name == "roles" {
		return name, strings.Split(value, ",")
	}
	if !ok || !slices.Contains([]string{"chain", "p2p", "api", "log"}, section) {
		return "", nil
	}
	if setting == "listen" || setting == "bootstrap" {
		return section + "." + setting, strings.Split(value, ",")
	}
	return section + "." + setting, value
}

// unknownKeys refuses what would be ignored silently.
func unknownKeys(k *koanf.Koanf) error {
	known := koanf.New(".")
	if err := known.Load(structs.Provider(DefaultConfig(""), "koanf"), nil); err != nil {
		return err
	}
	for _, key := range k.Keys() {
		if !known.Exists(key) {
			return fmt.Errorf("%s: %w: there is no such setting", key, pdx.ErrInvalid)
		}
	}
	return nil
}

// ConfigFile is where a home's configuration lies.
func ConfigFile(home string) string { return filepath.Join(home, "config.yaml") }
