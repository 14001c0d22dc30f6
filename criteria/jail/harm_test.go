package jail_test

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/criteria/jail/jailtest"
	"github.com/medibloc/pdx/criteria/jail/jailtest/harm"
)

// TestEndings: whatever a reader does to its process, the parent gets an error that names
// the cause, says nothing about the data, and goes on.
func TestEndings(t *testing.T) {
	j := jailtest.New(t, jail.Limits{Memory: 64 << 20, CPU: time.Second, Deadline: 20 * time.Second})
	for deed, cause := range map[string]jail.Cause{
		"memory": jail.Memory, "loop": jail.CPU, "panic": jail.Crashed, "crash": jail.Crashed, "leave": jail.Crashed,
		"nonsense": jail.Nonsense,
	} {
		if runtime.GOOS != "linux" && (deed == "memory" || deed == "loop") {
			continue
		}
		t.Run(deed, func(t *testing.T) {
			_, err := j.Survey(t.Context(), formattest.Source(deed), harm.Format{})
			var e *jail.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, cause, e.Cause, "%v", e.Err)
			require.ErrorIs(t, err, pdx.ErrInvalid)
			require.NotErrorIs(t, err, criteria.ErrData, "it is no verdict on the data")
			require.NotContains(t, err.Error(), "SECRET")
			s, err := j.Survey(t.Context(), formattest.Source(lines), ndjson.Format{})
			require.NoError(t, err)
			require.EqualValues(t, 3, s.Records)
		})
	}
	if runtime.GOOS != "windows" {
		_, err := j.Survey(t.Context(), formattest.Source("kill"), harm.Format{})
		require.ErrorIs(t, err, pdx.ErrUnavailable, "somebody else ended it")
		require.ErrorContains(t, err, string(jail.Killed))
	}
	late := jailtest.New(t, jail.Limits{Deadline: 300 * time.Millisecond})
	_, err := late.Survey(t.Context(), formattest.Source("loop"), harm.Format{})
	require.ErrorIs(t, err, pdx.ErrUnavailable, "this machine may have been busy")
	require.ErrorContains(t, err, string(jail.Late))
}

// A result that comes too early leaves bytes behind, which are no answer to the next job.
func TestResultBeforeTheEnd(t *testing.T) {
	j := jailtest.New(t, jail.Limits{})
	s, err := j.Survey(t.Context(), formattest.Source("result"), harm.Format{})
	require.NoError(t, err)
	require.Zero(t, s.Records)
	s, err = j.Survey(t.Context(), formattest.Source(lines), ndjson.Format{})
	require.NoError(t, err)
	require.EqualValues(t, 3, s.Records, "it was another child")
}

// TestFences: a reader that was taken over reaches nothing.
func TestFences(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all fences")
	}
	j := jailtest.New(t, jail.Limits{})
	fences, err := j.Fences()
	require.NoError(t, err)
	on, off := fences.List()
	t.Logf("on: %v, off: %v", on, off)
	require.True(t, fences.Memory && fences.CPU && fences.Dumps && fences.Privileges)
	if !fences.Calls {
		t.Skip("this kernel has no seccomp")
	}
	for _, deed := range []string{"read", "write", "dial", "run", "parent"} {
		require.NotEmpty(t, said(t, j, deed), deed)
	}
	var environment []string
	require.NoError(t, json.Unmarshal([]byte(said(t, j, "environment")), &environment))
	for _, variable := range environment {
		require.Regexp(t, `^(GOMEMLIMIT|GOMAXPROCS|PDX_JAIL_BYTES|PDX_JAIL_SECONDS)=\d+$`, variable)
	}
}

// said is the error that a deed ended with.
func said(t *testing.T, j *jail.Jail, deed string) string {
	t.Helper()
	record := first(t, j, "application/x-harm", deed)
	var result struct{ Deed, Error string }
	require.NoError(t, json.Unmarshal(record, &result))
	require.Equal(t, deed, result.Deed)
	return result.Error
}

// first is the first record of data as a child reads it.
func first(t testing.TB, j *jail.Jail, mediaType, data string) []byte {
	t.Helper()
	doc := parse(t, strings.Replace(document, "application/x-ndjson", mediaType, 1))
	c, err := j.Checker(t.Context(), doc, nil, doc.Pointers())
	require.NoError(t, err)
	defer c.Close()
	records, err := c.First(t.Context(), formattest.Source(data), 10_000, 1)
	require.NoError(t, err, data)
	require.Len(t, records, 1)
	return records[0]
}

// BenchmarkStart measures how long the start of a child takes, and a job of one that runs.
func BenchmarkStart(b *testing.B) {
	j := jailtest.New(b, jail.Limits{})
	b.Run("new child", func(b *testing.B) {
		for b.Loop() {
			first(b, j, "application/x-harm", "x")
		}
	})
	b.Run("same child", func(b *testing.B) {
		for b.Loop() {
			_, err := j.Survey(b.Context(), formattest.Source(lines), ndjson.Format{})
			require.NoError(b, err)
		}
	})
}
