package durable

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKernelsThatReportErrorsOfSyncfs(t *testing.T) {
	for release, want := range map[string]bool{
		"5.8.0": true, "5.8": true, "5.15.0-generic": true, "6.1.0-rc1": true, "10.0": true,
		"5.7.19": false, "4.19.0": false, "3.10.0-1160.el7": false, "": false, "x": false, "5": false, "5.x": false,
	} {
		require.Equal(t, want, reportsErrors(release), release)
	}
}
