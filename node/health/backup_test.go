package health_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/health"
)

func TestBackupIsRemindedOf(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	require.Contains(t, health.Backup(time.Time{}, now)[0].Message, "there is none yet")
	require.Empty(t, health.Backup(now.Add(-30*24*time.Hour), now))
	old := health.Backup(now.Add(-31*24*time.Hour), now)
	require.Contains(t, old[0].Message, "31 days old")
	require.True(t, old[0].OK, "a reminder wakes nobody")
	require.Empty(t, health.Backup(now.Add(time.Hour), now), "a clock that was set back")
}
