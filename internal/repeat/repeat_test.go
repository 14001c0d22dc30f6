package repeat_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/internal/repeat"
)

func logTo(out *bytes.Buffer) *slog.Logger {
	return slog.New(repeat.New(slog.NewTextHandler(out, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})))
}

// TestAWarningIsRepeatedAtGrowingIntervals fails every 5 s for four hours.
func TestAWarningIsRepeatedAtGrowingIntervals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := logTo(&out)
		begun := time.Now()
		var at []time.Duration
		for time.Since(begun) < 4*time.Hour {
			before := out.Len()
			log.Warn("no answer", "error", fmt.Errorf("silent for %s (%v)", message.Duration(time.Since(begun)), time.Since(begun)))
			if out.Len() > before {
				at = append(at, time.Since(begun))
			}
			time.Sleep(5 * time.Second)
		}
		require.Equal(t, []time.Duration{0, time.Minute, 3 * time.Minute, 7 * time.Minute, 15 * time.Minute, 31 * time.Minute}, at[:6])
		require.Equal(t, time.Hour, at[8]-at[7])
		require.Len(t, at, 9)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		require.NotContains(t, lines[0], "repeated")
		require.Contains(t, lines[1], "repeated=11")
	})
}

// TestASeriesEnds logs at once what comes again after a long silence.
func TestASeriesEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := logTo(&out)
		for range 50 {
			log.Warn("no answer")
			time.Sleep(time.Second)
		}
		require.Equal(t, 1, strings.Count(out.String(), "no answer"))
		time.Sleep(3 * time.Minute)
		log.Warn("no answer")
		time.Sleep(time.Minute)
		log.Warn("no answer")
		require.Equal(t, 3, strings.Count(out.String(), "no answer"), "the intervals begin anew")
	})
}

// TestOtherWarningsAreNotLeftOut wants each deal, reason, level and part to be logged.
func TestOtherWarningsAreNotLeftOut(t *testing.T) {
	var out bytes.Buffer
	log := logTo(&out)
	for range 3 {
		log.Warn("deal waits", "deal_id", 1, "error", errors.New("the buyer is offline"))
		log.Warn("deal waits", "deal_id", 2, "error", errors.New("the buyer is offline"))
		log.Warn("deal waits", "deal_id", 2, "error", errors.New("the disk is full"))
		log.Error("deal waits", "deal_id", 2, "error", errors.New("the disk is full"))
		log.With("part", "buyer").Warn("deal waits", "deal_id", 2, "error", errors.New("the disk is full"))
		log.WithGroup("g").Warn("deal waits", "deal_id", 2, "error", errors.New("the disk is full"))
	}
	require.Equal(t, 6, strings.Count(out.String(), "deal waits"), out.String())
}

// TestNewsIsAlwaysLogged leaves out nothing that is no warning.
func TestNewsIsAlwaysLogged(t *testing.T) {
	var out bytes.Buffer
	log := logTo(&out)
	for range 3 {
		log.Info("verdict")
		log.Debug("detail") // the level is the other handler's
	}
	require.Equal(t, 3, strings.Count(out.String(), "verdict"))
	require.NotContains(t, out.String(), "detail")
}

// TestMemoryIsBounded logs more different warnings than are remembered.
func TestMemoryIsBounded(t *testing.T) {
	var out bytes.Buffer
	log := logTo(&out)
	for i := range 5000 {
		log.Warn("deal waits", "deal_id", i)
	}
	log.Warn("deal waits", "deal_id", 0)
	log.Warn("deal waits", "deal_id", 4999)
	require.Equal(t, 5001, strings.Count(out.String(), "deal waits"), "the oldest was forgotten, the newest is remembered")
}
