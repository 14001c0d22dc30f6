package datapool_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
)

// TestAProcessThatJudgesOtherwiseDoesNotStart runs this test's process again, with ciphers
// that Go refuses to use.
func TestAProcessThatJudgesOtherwiseDoesNotStart(t *testing.T) {
	if os.Getenv("DATAPOOL_TEST_START") != "" {
		datapooltest.New(datapooltest.Config{})
		return
	}
	for debug, starts := range map[string]bool{"fips140=off": true, "fips140=only": false} {
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$") //nolint:gosec // this process
		again.Env = append(os.Environ(), "DATAPOOL_TEST_START=1", "GODEBUG="+debug)
		out, err := again.CombinedOutput()
		if starts {
			require.NoError(t, err, "%s", out)
			continue
		}
		require.Error(t, err)
		require.Contains(t, string(out), "would judge otherwise than the chain")
	}
}
