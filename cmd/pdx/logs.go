package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/internal/logfile"
	"github.com/medibloc/pdx/internal/text"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
)

// logsPoll is how often it is tried whether there are new lines.
const logsPoll = 300 * time.Millisecond

// logsWanted are the lines of the log that the flags ask for.
type logsWanted struct {
	lines  int
	follow bool
	level  string
	since  time.Duration
}

func (a *app) logsCommand() *cobra.Command {
	w := &logsWanted{}
	cmd := &cobra.Command{
		Use: "logs", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.logs(cmd.Context(), w) },
	}
	flags := cmd.Flags()
	flags.IntVarP(&w.lines, "lines", "n", 100, "")
	flags.BoolVarP(&w.follow, "follow", "f", false, "")
	flags.StringVar(&w.level, "level", "debug", "")
	flags.DurationVar(&w.since, "since", 0, "")
	return cmd
}

// logs shows the log that the home keeps, whether the daemon runs or not.
func (a *app) logs(ctx context.Context, w *logsWanted) error {
	if err := a.initialised(); err != nil {
		return err
	}
	var least slog.Level
	if err := least.UnmarshalText([]byte(w.level)); err != nil {
		return a.fail(errUsage, "logs.bad_level", "level", w.level)
	}
	reader := logfile.NewReader(filepath.Join(a.home, home.LogFolder))
	defer reader.Close()
	var wanted []logEntry
	from := time.Time{}
	if w.since > 0 {
		from = time.Now().Add(-w.since)
	}
	lines, err := reader.Next()
	if err != nil {
		return err
	}
	for _, raw := range lines {
		if line := parseLogEntry(raw); line.level >= least && !line.time.Before(from) {
			wanted = append(wanted, line)
		}
	}
	if len(lines) == 0 && !w.follow {
		return a.noLog()
	}
	if w.lines > 0 && len(wanted) > w.lines {
		wanted = wanted[len(wanted)-w.lines:]
	}
	for _, line := range wanted {
		if err := a.showLogEntry(line); err != nil {
			return err
		}
	}
	if w.follow {
		return a.followLog(ctx, reader, least)
	}
	return nil
}

// noLog says why there is no line.
func (a *app) noLog() error {
	cfg, err := config.Load(a.home)
	if err != nil {
		return err
	}
	if keep, err := cfg.Log.KeepBytes(); err == nil && keep == 0 {
		return a.fail(pdx.ErrNotFound, "logs.off", "command", a.verb("config set log.keep 16MiB"))
	}
	return a.fail(pdx.ErrNotFound, "logs.none", "command", a.verb("daemon"))
}

// followLog shows lines as they are written until ctx ends, which is how a person ends it.
func (a *app) followLog(ctx context.Context, reader *logfile.Reader, least slog.Level) error {
	for lifecycle.Sleep(ctx, logsPoll) == nil {
		lines, err := reader.Next()
		if err != nil {
			return err
		}
		for _, raw := range lines {
			if line := parseLogEntry(raw); line.level >= least {
				if err := a.showLogEntry(line); err != nil {
					return err
				}
			}
		}
	}
	return ctx.Err()
}

// logEntry is a line of the kept log.
type logEntry struct {
	raw     []byte
	time    time.Time
	level   slog.Level
	message string
	more    string // the attributes, as name=value
	torn    bool   // of a process that was killed as it wrote
}

// parseLogEntry reads a line as slog's JSON handler writes it.
func parseLogEntry(raw []byte) logEntry {
	line := logEntry{raw: raw}
	var head struct {
		Time  time.Time  `json:"time"`
		Level slog.Level `json:"level"`
		Msg   string     `json:"msg"`
	}
	if json.Unmarshal(raw, &head) != nil {
		line.torn, line.level, line.time = true, slog.LevelError, time.Now() // never left out
		return line
	}
	line.time, line.level, line.message = head.Time, head.Level, head.Msg
	decoder := json.NewDecoder(bytes.NewReader(raw))
	_, _ = decoder.Token() // the brace
	for decoder.More() {
		name, err := decoder.Token()
		var value json.RawMessage
		if err != nil || decoder.Decode(&value) != nil {
			break
		}
		switch name {
		case slog.TimeKey, slog.LevelKey, slog.MessageKey:
		default:
			line.more += fmt.Sprintf(" %v=%s", name, attributeText(value))
		}
	}
	return line
}

// attributeText is a value without quotes where it needs none.
func attributeText(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return string(value)
	}
	if s == "" || strings.ContainsAny(s, " \"=") {
		return strconv.Quote(s)
	}
	return s
}

// maxLogLine bounds a line of the log on a screen, in bytes.
const maxLogLine = 16 << 10

func (a *app) showLogEntry(line logEntry) error {
	switch {
	case a.json && line.torn:
		return a.line(map[string]string{"msg": string(line.raw)})
	case a.json:
		return a.line(json.RawMessage(line.raw))
	case line.torn:
		_, err := fmt.Fprintln(a.out, text.Escape(string(line.raw), maxLogLine))
		return err
	}
	shown := fmt.Sprintf("%s %-5s %s%s", line.time.Local().Format(time.DateTime), line.level, line.message, line.more)
	_, err := io.WriteString(a.out, text.Escape(shown, maxLogLine)+"\n")
	return err
}
