package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/chainview"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/health"
	"github.com/medibloc/pdx/node/home"
)

// chainPatience is how long an endpoint may take to answer.
const chainPatience = 5 * time.Second

// Home examines what can be told of a home without its daemon: the configuration, the files
// and the disk. usable reports whether the configuration can be read.
func Home(folder string) (list []api.Health, cfg config.Config, usable bool) {
	if _, err := os.Stat(config.File(folder)); errors.Is(err, os.ErrNotExist) {
		return []api.Health{{Part: "home", Message: folder + " has no node; make one with 'pdx init'"}}, cfg, false
	}
	cfg, err := config.Load(folder)
	if err != nil {
		list = append(list, api.Health{Part: "configuration", Message: err.Error()})
	} else {
		list = append(list, configuration(cfg)...)
	}
	exposed := health.Files(home.Exposed(folder))
	if len(exposed) == 0 {
		exposed = []api.Health{{Part: "files", OK: true, Message: "only their owner can read them"}}
	}
	list = append(list, exposed...)
	space, spaceErr := durable.SpaceOf(folder)
	full := health.Disk(folder, space, spaceErr)
	if len(full) == 0 && spaceErr == nil {
		full = []api.Health{{Part: "disk", OK: true, Message: humanize.IBytes(space.Bytes) + " left"}}
	}
	return append(list, full...), cfg, err == nil
}

func configuration(cfg config.Config) (list []api.Health) {
	for _, warning := range cfg.Warnings {
		list = append(list, api.Health{Part: "configuration", Message: warning})
	}
	if len(list) == 0 {
		list = append(list, api.Health{Part: "configuration", OK: true, Message: config.File(cfg.Home)})
	}
	if cfg.Chain.Trust.Hash == "" && !cfg.Chain.Trust.None {
		list = append(list, api.Health{
			Part: "trust", Message: "no block is trusted: this node opens, certifies, acknowledges and delivers nothing; " + config.TrustAdvice,
		})
	}
	return list
}

// Stopped examines what only a node that does not run leaves to be examined: whether the chain
// answers, the clock and the ports.
func Stopped(ctx context.Context, cfg config.Config) []api.Health {
	list := append(chain(ctx, cfg), ports(ctx, cfg.P2P)...)
	return append(list, health.Backup(home.LastBackup(cfg.Home), time.Now())...)
}

// chain asks each endpoint by itself.
func chain(ctx context.Context, cfg config.Config) (list []api.Health) {
	more, err := cfg.Chain.MoreEndpoints()
	if err != nil {
		return []api.Health{{Part: "chain", Message: err.Error()}}
	}
	for i, e := range append([]client.Endpoint{{GRPC: cfg.Chain.GRPC, RPC: cfg.Chain.RPC}}, more...) {
		head, err := headOf(ctx, cfg.Chain.ID, e)
		h := health.Chain(chainview.Value[pdx.Head]{Value: head, Err: err}, nil)
		if h.OK {
			h.Message = fmt.Sprintf("%s is at height %d", e.GRPC, head.Height)
		} else {
			h.Message = e.GRPC + ": " + h.Message
		}
		list = append(list, h)
		if i == 0 && err == nil {
			list = append(list, clock(head)...)
		}
	}
	return list
}

func headOf(ctx context.Context, id string, e client.Endpoint) (pdx.Head, error) {
	c, err := client.New(client.Config{ChainID: id, GRPC: e.GRPC, RPC: e.RPC})
	if err != nil {
		return pdx.Head{}, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, chainPatience)
	defer cancel()
	return c.Head(ctx)
}

// clock compares this machine's clock with a block: one that is from the future shows that the
// clock is behind. That it is ahead cannot be told from a chain whose last block is old.
func clock(head pdx.Head) []api.Health {
	if list := health.Clock(time.Since(head.Time), time.Now().Before(head.Time)); len(list) > 0 {
		return list
	}
	return []api.Health{{Part: "clock", OK: true, Message: "not behind the chain's"}}
}

// ports tries to listen where the node would, unless the node chooses a free port itself.
func ports(ctx context.Context, p config.P2P) (list []api.Health) {
	for _, listen := range p.Listen {
		addr, err := multiaddr.NewMultiaddr(listen)
		if err != nil {
			continue // the configuration's own line says it
		}
		network, where, err := manet.DialArgs(addr)
		if err != nil || strings.HasSuffix(where, ":0") {
			continue
		}
		list = append(list, port(ctx, network, where))
		if p.QUIC {
			list = append(list, port(ctx, strings.Replace(network, "tcp", "udp", 1), where))
		}
	}
	return list
}

// port listens for a moment.
func port(ctx context.Context, network, address string) api.Health {
	h := api.Health{Part: "port", OK: true, Message: network + " " + address + " is free"}
	var config net.ListenConfig
	var listener io.Closer
	var err error
	if strings.HasPrefix(network, "udp") {
		listener, err = config.ListenPacket(ctx, network, address)
	} else {
		listener, err = config.Listen(ctx, network, address)
	}
	if err != nil {
		h.OK, h.Message = false, fmt.Sprintf("p2p.listen: %v: end what uses it, or choose another port", err)
		return h
	}
	listener.Close()
	return h
}
