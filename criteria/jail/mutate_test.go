package jail_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/criteria/jail/jailtest"
)

// mutations is how many files of each binary format are tried: PDX_MUTATIONS, or 200.
func mutations(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("PDX_MUTATIONS"))
	if err != nil {
		return 200
	}
	return n
}

// mutated is a file with some damage.
func mutated(r *rand.Rand, file []byte) []byte {
	b := slices.Clone(file)
	for range 1 + r.IntN(4) {
		if len(b) == 0 {
			break
		}
		at := r.IntN(len(b))
		if r.IntN(2) == 0 { // near the end, where metadata lies
			at = len(b) - 1 - r.IntN(min(len(b), 600))
		}
		switch r.IntN(6) {
		case 0, 1:
			b[at] ^= 1 << r.IntN(8)
		case 2:
			b[at] = [...]byte{0, 0x7f, 0x80, 0xff}[r.IntN(4)]
		case 3:
			b = b[:at]
		case 4:
			end := min(len(b), at+1+r.IntN(16))
			b = slices.Concat(b[:end], b[at:end], b[end:])
		case 5:
			b = slices.Concat(b[:at], b[min(len(b), at+1+r.IntN(16)):])
		}
	}
	return b
}

// TestMutatedFiles: whatever is wrong with a file of a binary format, no process but a child
// ends, the parent's memory stays as it is, and the outcome has a name.
func TestMutatedFiles(t *testing.T) {
	j := jailtest.New(t, jail.Limits{CPU: 20 * time.Second, Deadline: 2 * time.Minute})
	for name, file := range binaryFiles(t) {
		t.Run(name, func(t *testing.T) {
			f, err := criteria.Formats().Get(name)
			require.NoError(t, err)
			doc := parse(t, `{"version":2,"title":"x","media_type":"`+name+`","schema":{},"fields":[{"pointer":"","required":true,"purpose":"p"}]}`)
			r := rand.New(rand.NewPCG(1, uint64(len(file))))
			outcomes, before := map[string]int{}, heapInUse()
			for range mutations(t) {
				data := mutated(r, file)
				outcomes[outcome(t, j, doc, f.(format.File), data)]++
			}
			require.Less(t, heapInUse(), before+8<<20)
			for _, outcome := range slices.Sorted(maps.Keys(outcomes)) {
				t.Logf("%6d %s", outcomes[outcome], outcome)
			}
		})
	}
}

// outcome names what came of a file.
func outcome(t *testing.T, j *jail.Jail, doc *criteria.Document, f format.File, data []byte) string {
	t.Helper()
	c, err := j.Checker(t.Context(), doc, nil, []string{""})
	require.NoError(t, err)
	defer c.Close()
	report, err := c.CheckKeys(t.Context(), formattest.Source(data), nil, nil)
	var e *jail.Error
	switch {
	case errors.As(err, &e):
		return "no verdict: " + string(e.Cause)
	case err != nil:
		require.NoError(t, err, "%x", data)
	case report.OK():
		return "accepted"
	}
	return fmt.Sprintf("rejected: %s", report.Findings[0].Rule)
}

func heapInUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapInuse
}
