package node

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/node/web"
	"github.com/medibloc/pdx/transfer"
)

// minPoll keeps a typing error from asking a chain thousands of times a second.
const minPoll = 10 * time.Millisecond

// Validate names the first setting that cannot be.
func (cfg Config) Validate() error {
	for _, part := range []func() error{cfg.Chain.validate, cfg.P2P.validate, cfg.API.validate, cfg.Seller.validate, cfg.Validator.validate, cfg.Upload.validate} {
		if err := part(); err != nil {
			return err
		}
	}
	for _, r := range cfg.Roles {
		if !slices.Contains([]pdx.Role{pdx.RoleSeller, pdx.RoleBuyer, pdx.RoleValidator}, pdx.Role(r)) {
			return bad("roles", r, "there are seller, buyer and validator")
		}
	}
	if _, err := cfg.level(); err != nil {
		return bad("log.level", cfg.Log.Level, "there are debug, info, warn and error")
	}
	return nil
}

func (c ChainConfig) validate() error {
	if c.ID == "" {
		return bad("chain.id", c.ID, "it is empty")
	}
	if err := checkGRPC(c.GRPC); err != nil {
		return bad("chain.grpc", c.GRPC, err.Error())
	}
	if err := checkRPC(c.RPC); err != nil {
		return bad("chain.rpc", c.RPC, err.Error())
	}
	if _, err := c.endpoints(); err != nil {
		return err
	}
	if err := c.Trust.validate(); err != nil {
		return err
	}
	if c.Poll < minPoll {
		return bad("chain.poll", c.Poll.String(), fmt.Sprintf("at least %v, like 1s", minPoll))
	}
	if _, err := pdx.ParseAmount(c.MaxFee); err != nil {
		return fmt.Errorf("chain.max_fee: %w", err)
	}
	return nil
}

func checkGRPC(text string) error {
	address := strings.TrimPrefix(strings.TrimPrefix(text, "https://"), "http://")
	if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
		return errors.New("write it like 127.0.0.1:9090 or https://grpc.example.org:443")
	}
	return nil
}

func checkRPC(text string) error {
	if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return errors.New("write it like http://127.0.0.1:26657")
	}
	return nil
}

func (c P2PConfig) validate() error {
	if len(c.Listen) == 0 {
		return bad("p2p.listen", "", "it wants at least one address, like /ip4/0.0.0.0/tcp/0")
	}
	for _, a := range c.Listen {
		if err := checkListen(a); err != nil {
			return bad("p2p.listen", a, err.Error())
		}
	}
	if _, err := discovery.ParseMode(c.DHT); err != nil || c.DHT == "" {
		return bad("p2p.dht", c.DHT, "use auto, server or client")
	}
	_, err := peersOf(c.Bootstrap)
	return err
}

func checkListen(text string) error {
	addr, err := multiaddr.NewMultiaddr(text)
	if err != nil {
		return err
	}
	if _, err := addr.ValueForProtocol(multiaddr.P_TCP); err != nil {
		return errors.New("it names no TCP port; QUIC takes the same number by itself")
	}
	return nil
}

func (c APIConfig) validate() error {
	if c.Socket != "" && !filepath.IsAbs(c.Socket) {
		return bad("api.socket", c.Socket, "an absolute path is wanted: the daemon and its verbs may run in different folders")
	}
	if c.Metrics != "" {
		if _, port, err := net.SplitHostPort(c.Metrics); err != nil || port == "" {
			return bad("api.metrics", c.Metrics, "write it like 127.0.0.1:9100")
		}
	}
	if c.Web != "" {
		if err := web.CheckAddress(c.Web); err != nil {
			return fmt.Errorf("api.web = %q: %w", c.Web, err)
		}
	}
	return nil
}

func (c SellerConfig) validate() error {
	_, err := c.oneCopyFrom()
	return err
}

// oneCopyFrom is the setting in bytes; 0 for never.
func (c SellerConfig) oneCopyFrom() (uint64, error) {
	if c.OneCopyFrom == "never" {
		return 0, nil
	}
	n, err := humanize.ParseBytes(c.OneCopyFrom)
	if err != nil {
		return 0, bad("seller.one_copy_from", c.OneCopyFrom, "write it like 64MiB, or never")
	}
	return max(n, 1), nil
}

func (c ValidatorConfig) validate() error {
	_, err := c.room()
	return err
}

// leastRoom holds one of the smallest datasets that are worth a deal.
const leastRoom = 1 << 20

// room is the most ciphertext that a validator keeps, in bytes.
func (c ValidatorConfig) room() (uint64, error) {
	n, err := humanize.ParseBytes(c.Room)
	if err != nil || n < leastRoom {
		return 0, bad("validator.room", c.Room, "write it like 100GiB; at least 1MiB")
	}
	return n, nil
}

func (c UploadConfig) validate() error {
	if _, err := transfer.ParseUpload(c.Rate, nil); err != nil {
		return fmt.Errorf("upload.rate: %w", err)
	}
	if _, err := transfer.ParseUpload("", c.Hours); err != nil {
		return fmt.Errorf("upload.hours: %w", err)
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
