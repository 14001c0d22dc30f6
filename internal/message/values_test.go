package message_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/message"
)

func TestDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 seconds", 72 * time.Hour: "3 days", 24 * time.Hour: "1 day", 90 * time.Minute: "1 hour 30 minutes",
		25*time.Hour + time.Minute: "1 day 1 hour", 61 * time.Second: "1 minute 1 second", 400 * time.Millisecond: "0 seconds",
		-time.Minute: "1 minute",
	} {
		require.Equal(t, want, message.Duration(d))
		require.Equal(t, want, message.For("en").Duration(d))
	}
}

func TestCounts(t *testing.T) {
	require.Equal(t, "1 record", message.Count(1, "record"))
	require.Equal(t, "0 records", message.Count(0, "record"))
	require.Equal(t, "2 duties", message.Count(2, "duty"))
	require.Equal(t, "2 days", message.Count(uint64(2), "day"))
	require.Equal(t, "3 addresses", message.Count(int64(3), "address"))
	require.Equal(t, "3 boxes", message.Count(uint32(3), "box"))
}

func TestTimeIsLocalAndHasItsZone(t *testing.T) {
	at := time.Date(2026, 12, 29, 15, 43, 47, 0, time.UTC)
	require.Equal(t, at.Local().Format("2006-01-02 15:04:05 MST"), message.Time(at))
}
