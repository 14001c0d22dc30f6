package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/node/web"
	"github.com/medibloc/pdx/p2p/access"
	"github.com/medibloc/pdx/transfer"
)

// minPoll keeps a typing error from polling a chain thousands of times a second.
const minPoll = 10 * time.Millisecond

// minQuota holds one of the smallest datasets that are worth a deal.
const minQuota = 1 << 20

// Validate returns an error that names the first invalid setting.
func (cfg Config) Validate() error {
	for _, validate := range []func() error{
		cfg.checkStores, cfg.Chain.validate, cfg.P2P.validate, cfg.Relay.validate,
		cfg.API.validate, cfg.Seller.validate, cfg.Validator.validate, cfg.Upload.validate,
	} {
		if err := validate(); err != nil {
			return err
		}
	}
	for _, r := range cfg.Roles {
		if !slices.Contains([]pdx.Role{pdx.RoleSeller, pdx.RoleBuyer, pdx.RoleValidator}, pdx.Role(r)) {
			return invalid("roles", r, "use seller, buyer or validator")
		}
	}
	if _, err := cfg.Log.SlogLevel(); err != nil {
		return invalid("log.level", cfg.Log.Level, "use debug, info, warn or error")
	}
	if _, err := cfg.Log.KeepBytes(); err != nil {
		return err
	}
	if f := cfg.Log.Format; f != LogText && f != LogJSON {
		return invalid("log.format", f, "use text or json")
	}
	return nil
}

func (c Chain) validate() error {
	if c.ID == "" {
		return invalid("chain.id", c.ID, "empty: set the chain's id")
	}
	if err := checkGRPC(c.GRPC); err != nil {
		return invalid("chain.grpc", c.GRPC, err.Error())
	}
	if err := checkRPC(c.RPC); err != nil {
		return invalid("chain.rpc", c.RPC, err.Error())
	}
	if _, err := c.MoreEndpoints(); err != nil {
		return err
	}
	if _, err := c.Trust.Anchor(); err != nil {
		return err
	}
	if c.Poll < minPoll {
		return invalid("chain.poll", c.Poll.String(), fmt.Sprintf("use at least %v, like 1s", minPoll))
	}
	if c.MaxGasPrice < max(c.GasPrice, client.MinGasPrice) {
		return invalid("chain.max_gas_price", strconv.FormatUint(c.MaxGasPrice, 10), "use at least 5 and at least chain.gas_price")
	}
	if _, err := pdx.ParseAmount(c.MaxFee); err != nil {
		return fmt.Errorf("chain.max_fee: %w", err)
	}
	return nil
}

// MoreEndpoints parses chain.endpoints: the endpoints besides the first.
func (c Chain) MoreEndpoints() ([]client.Endpoint, error) {
	var list []client.Endpoint
	for _, text := range c.Endpoints {
		fields := strings.Fields(text)
		if len(fields) != 2 {
			return nil, invalid("chain.endpoints", text,
				"write the gRPC address and the RPC address, separated by a space: 127.0.0.1:9090 http://127.0.0.1:26657")
		}
		e := client.Endpoint{GRPC: fields[0], RPC: fields[1]}
		if err := errors.Join(checkGRPC(e.GRPC), checkRPC(e.RPC)); err != nil {
			return nil, invalid("chain.endpoints", text, strings.ReplaceAll(err.Error(), "\n", "; "))
		}
		list = append(list, e)
	}
	return list, nil
}

func checkGRPC(text string) error {
	address := strings.TrimPrefix(strings.TrimPrefix(text, "https://"), "http://")
	if scheme, _, ok := strings.Cut(address, "://"); ok {
		return fmt.Errorf("a gRPC address has no scheme %q: write it like 127.0.0.1:9090 or https://grpc.example.org:443", scheme)
	}
	if _, path, ok := strings.Cut(address, "/"); ok {
		return fmt.Errorf("a gRPC address has no path: leave %q out", "/"+path)
	}
	host, port, err := net.SplitHostPort(address)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || host == "" || bad != nil {
		return errors.New("write a gRPC address like 127.0.0.1:9090 or https://grpc.example.org:443")
	}
	return nil
}

func checkRPC(text string) error {
	if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return errors.New("write an RPC address like http://127.0.0.1:26657")
	}
	return nil
}

func (c P2P) validate() error {
	if len(c.Listen) == 0 {
		return invalid("p2p.listen", "", "empty: set at least one address, like /ip4/0.0.0.0/tcp/0")
	}
	for _, a := range c.Listen {
		if err := checkListen(a); err != nil {
			return invalid("p2p.listen", a, err.Error())
		}
	}
	for _, a := range c.WebSocket {
		if !isWebSocket(a) {
			return invalid("p2p.websocket", a, "write it like /ip4/0.0.0.0/tcp/4002/ws; a proxy in front adds TLS")
		}
	}
	if _, err := discovery.ParseMode(c.DHT); err != nil || c.DHT == "" {
		return invalid("p2p.dht", c.DHT, "use auto, server or client")
	}
	if err := c.checkConnections(); err != nil {
		return err
	}
	if _, err := access.NewRules(c.Allow, c.Deny); err != nil {
		return err
	}
	_, _, err := c.BootstrapPeers()
	if err == nil {
		_, err = c.PeeringPeers()
	}
	return err
}

func isWebSocket(text string) bool {
	addr, err := multiaddr.NewMultiaddr(text)
	if err != nil || len(addr) != 3 {
		return false
	}
	ip := addr[0].Code()
	return (ip == multiaddr.P_IP4 || ip == multiaddr.P_IP6) && addr[1].Code() == multiaddr.P_TCP && addr[2].Code() == multiaddr.P_WS
}

func checkListen(text string) error {
	addr, err := multiaddr.NewMultiaddr(text)
	if err != nil {
		return err
	}
	if _, err := addr.ValueForProtocol(multiaddr.P_TCP); err != nil {
		return errors.New("no TCP port: name one; QUIC uses the same number")
	}
	if _, err := addr.ValueForProtocol(multiaddr.P_WS); err == nil {
		return errors.New("a WebSocket: it belongs in p2p.websocket")
	}
	return nil
}

// BootstrapPeers parses p2p.bootstrap: peers, and names that stand for peers.
func (c P2P) BootstrapPeers() (peers []peer.AddrInfo, names []multiaddr.Multiaddr, err error) {
	var texts []string
	for _, text := range c.Bootstrap {
		if addr, err := multiaddr.NewMultiaddr(text); err == nil && len(addr) == 1 && addr[0].Code() == multiaddr.P_DNSADDR {
			names = append(names, addr)
		} else {
			texts = append(texts, text)
		}
	}
	if len(names) > maxNames {
		return nil, nil, invalid("p2p.bootstrap", fmt.Sprint(len(names)), fmt.Sprintf("at most %d names like /dnsaddr/example.org", maxNames))
	}
	peers, err = parsePeers("p2p.bootstrap", texts)
	return peers, names, err
}

// maxNames bounds the DNS names that are looked up at once.
const maxNames = 8

// PeeringPeers parses p2p.peering.
func (c P2P) PeeringPeers() ([]peer.AddrInfo, error) { return parsePeers("p2p.peering", c.Peering) }

func parsePeers(setting string, texts []string) ([]peer.AddrInfo, error) {
	var infos []peer.AddrInfo
	for _, text := range texts {
		info, err := peer.AddrInfoFromString(text)
		if err != nil {
			return nil, invalid(setting, text, err.Error()+": end it in /p2p/<peer id>")
		}
		infos = append(infos, *info)
	}
	return infos, nil
}

func (c API) validate() error {
	if c.Socket != "" && !filepath.IsAbs(c.Socket) {
		return invalid("api.socket", c.Socket, "use an absolute path: the daemon and the commands may run in different folders")
	}
	if c.Metrics != "" {
		if _, port, err := net.SplitHostPort(c.Metrics); err != nil || port == "" {
			return invalid("api.metrics", c.Metrics, "write an address like 127.0.0.1:9100")
		}
	}
	if c.Web != "" {
		if err := web.CheckAddress(c.Web); err != nil {
			return fmt.Errorf("api.web = %q: %w", c.Web, err)
		}
	}
	return nil
}

// MetricsAddress returns api.metrics, on loopback if it names no host: a page that any
// peer can read has to be asked for by name.
func (c API) MetricsAddress() string {
	if host, port, err := net.SplitHostPort(c.Metrics); err == nil && host == "" {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return c.Metrics
}

func (c Seller) validate() error {
	_, err := c.OneCopyBytes()
	return err
}

// OneCopyBytes returns seller.one_copy_from in bytes; 0 means never.
func (c Seller) OneCopyBytes() (uint64, error) {
	if c.OneCopyFrom == "never" {
		return 0, nil
	}
	n, err := humanize.ParseBytes(c.OneCopyFrom)
	if err != nil {
		return 0, invalid("seller.one_copy_from", c.OneCopyFrom, "write a size like 64MiB, or never")
	}
	return max(n, 1), nil
}

func (c Validator) validate() error {
	_, err := c.QuotaBytes()
	return err
}

// QuotaBytes returns validator.quota in bytes.
func (c Validator) QuotaBytes() (uint64, error) {
	n, err := humanize.ParseBytes(c.Quota)
	if err != nil || n < minQuota {
		return 0, invalid("validator.quota", c.Quota, "write a size like 100GiB, at least 1MiB")
	}
	return n, nil
}

func (c Upload) validate() error {
	if _, err := transfer.ParseUpload(c.Rate, nil); err != nil {
		return fmt.Errorf("upload.rate: %w", err)
	}
	if _, err := transfer.ParseUpload("", c.Hours); err != nil {
		return fmt.Errorf("upload.hours: %w", err)
	}
	return nil
}

// Limit returns the upload limit that the settings describe.
func (c Upload) Limit() (transfer.Upload, error) { return transfer.ParseUpload(c.Rate, c.Hours) }

// SlogLevel parses log.level.
func (c Log) SlogLevel() (level slog.Level, err error) {
	err = level.UnmarshalText([]byte(c.Level))
	return level, err
}

// invalid returns an error about the value of a setting.
func invalid(setting, value, why string) error {
	return fmt.Errorf("%s = %q: %w: %s", setting, value, pdx.ErrInvalid, why)
}
