package node

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/activity"
)

// settingsEvery is the interval between checks of the configuration file.
const settingsEvery = 2 * time.Second

// settings applies changes of the configuration while the daemon runs: the limit of
// uploads and the level of the log. It names the changes that need a restart.
type settings struct {
	started config.Config // what the node was started with
	upload  func(transfer.Upload)
	level   *slog.LevelVar // nil: the log's level is another's business
	log     *slog.Logger

	asked notify.Signal // to read the file even if it looks unchanged
	seen  os.FileInfo

	mu      sync.Mutex
	trouble error    // why the file cannot be used; nil if it can
	restart []string // changed settings that need a restart
}

func (s *settings) run(ctx context.Context) {
	s.seen, _ = os.Stat(config.File(s.started.Home))
	tick := time.NewTicker(settingsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.asked:
			s.seen, _ = os.Stat(config.File(s.started.Home))
			s.reload()
		case <-tick.C:
			s.check()
		}
	}
}

// check reads the file if it has changed.
func (s *settings) check() {
	now, err := os.Stat(config.File(s.started.Home))
	if err != nil || s.seen != nil && now.ModTime().Equal(s.seen.ModTime()) && now.Size() == s.seen.Size() {
		return
	}
	s.seen = now
	s.reload()
}

// reload reads the file. One that cannot be used changes nothing.
func (s *settings) reload() {
	cfg, err := config.Load(s.started.Home)
	var limit transfer.Upload
	var level slog.Level
	var restart []string
	if err == nil {
		limit, err = cfg.Upload.Limit()
	}
	if err == nil {
		level, err = cfg.Log.SlogLevel()
	}
	if s.started.RelayOnly {
		cfg = cfg.OnlyRelay()
	}
	if err == nil {
		restart, err = s.started.NeedRestart(cfg)
	}
	s.note(err, restart)
	if err != nil {
		s.log.Error("the configuration cannot be used; all settings stay as they are", "error", err)
		return
	}
	s.upload(limit)
	if s.level != nil {
		s.level.Set(level)
	}
	s.log.Info("configuration read again", "bytes_per_second", limit.At(time.Now()), "hours", len(limit.Hours), "level", level)
	if len(restart) > 0 {
		s.log.Warn("restart the daemon to change these settings", "settings", strings.Join(restart, ", "))
	}
}

func (s *settings) note(trouble error, restart []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble = trouble; trouble == nil {
		s.restart = restart
	}
}

// state returns which changed settings need a restart, and why the file cannot be used.
func (s *settings) state() (restart []string, trouble error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.restart, s.trouble
}

// Reload reads the configuration again, soon.
func (n *Node) Reload() { n.settings.asked.Set() }

// Transfers returns the pulls and uploads of this node: those in progress and the most
// recently ended ones.
func (n *Node) Transfers() []activity.Transfer { return n.transfers.List() }
