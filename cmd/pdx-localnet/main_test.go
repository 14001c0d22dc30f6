package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pdx-localnet": main})
}

// TestScripts runs the command as people and scripts do; see testdata.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"await": await},
		Setup: func(env *testscript.Env) error {
			env.Setenv("PDX_LOCALNET_HOME", filepath.Join(env.WorkDir, "chain"))
			return nil
		},
	})
}

// await waits until a process serves the home.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await HOME")
	}
	home := ts.MkAbs(args[0])
	for deadline := time.Now().Add(30 * time.Second); ; {
		_, err := localnet.ReadEndpoints(home)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("the chain is not there: %v", err)
		}
		time.Sleep(10 * time.Millisecond) // a real process is awaited
	}
}

// runIn runs the command line in this process.
func runIn(t *testing.T, home, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), streams{in: strings.NewReader(stdin), out: &stdout, err: &stderr}, append(args, "--home", home))
	return code, stdout.String(), stderr.String()
}

func TestExitCodes(t *testing.T) {
	home := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"dance"}, 2, "no command 'pdx-localnet dance'"},
		{[]string{"init", "--speed", "9"}, 2, "unknown flag"},
		{[]string{"fund", "panacea1x"}, 2, "takes 2 arguments"},
		{[]string{"init", "--deadlines", "certify=never"}, 3, "positive duration"},
		{[]string{"init", "--deadlines", "lunch=1h"}, 3, "set certify, ack, key or dispute"},
		{[]string{"init", "--deadlines", "ack=1h,ack=2h"}, 3, "each once"},
		{[]string{"init", "--account", "panacea1x"}, 3, "ADDRESS=AMOUNT"},
		{[]string{"init", "--account", "panacea1x=5"}, 3, "1000000umed or 1.5MED"},
		{[]string{"init", "--account", "cosmos1x=5umed"}, 3, "cosmos1x"},
		{[]string{"init", "--min-bond", "5"}, 3, "--min-bond"},
		{[]string{"init", "--jail-time", "-1s"}, 3, "--jail-time"},
		{[]string{"export"}, 4, "pdx-localnet start --home " + home},
		{[]string{"reset", "--yes"}, 4, "no chain"},
		{[]string{"fund", "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc", "1umed"}, 4, "no chain"},
		{[]string{"init"}, 0, ""},
		{[]string{"init"}, 6, "reset --all"},
		{
			[]string{"start", "--account", "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc=1MED"},
			6,
			"--account can only be set when a chain is made",
		},
		{[]string{"fund", "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc", "1umed"}, 7, "pdx-localnet start"},
		{[]string{"query", "bank", "total"}, 7, "not running"},
		{[]string{"export"}, 6, "no block yet"},
		{[]string{"reset"}, 8, "nothing was deleted"},
		{[]string{"exit-codes"}, 0, ""},
		{[]string{"version"}, 0, ""},
	} {
		code, _, errs := runIn(t, home, "n\n", c.args...)
		require.Equal(t, c.code, code, "%v: %s", c.args, errs)
		require.Contains(t, errs, c.says, "%v", c.args)
	}
	require.NoError(t, os.Remove(filepath.Join(home, "node0", "config", "genesis.json")))
	code, _, errs := runIn(t, home, "", "start")
	require.Equal(t, 9, code, errs)
	require.Contains(t, errs, "reset --all")
}

func TestATakenPortIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	code, _, errs := runIn(t, t.TempDir(), "", "start", "--grpc", taken.Addr().String())
	require.Equal(t, 7, code)
	require.Contains(t, errs, taken.Addr().String())
	require.Contains(t, errs, "--grpc")
}

func TestResetAsks(t *testing.T) {
	home := t.TempDir()
	code, _, errs := runIn(t, home, "", "init")
	require.Zero(t, code, errs)
	code, _, errs = runIn(t, home, "", "reset", "--all")
	require.Equal(t, 8, code)
	require.Contains(t, errs, "--yes")
	code, _, errs = runIn(t, home, "yes\n", "reset", "--all")
	require.Zero(t, code, errs)
	_, err := localnet.New(localnet.Config{Home: home})
	require.ErrorIs(t, err, pdx.ErrNotFound)
}

func TestEveryVerbHasAnExample(t *testing.T) {
	root := (&cli{}).command()
	for _, cmd := range root.Commands() {
		if cmd.Name() != "exit-codes" {
			require.Contains(t, cmd.Example, "pdx-localnet "+cmd.Name())
		}
		require.NotEmpty(t, cmd.Long+cmd.Short)
	}
}

func TestInterruptedBeforeTheFirstBlock(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	code := run(ctx, streams{in: strings.NewReader(""), out: &bytes.Buffer{}, err: &stderr}, []string{"start", "--home", t.TempDir()})
	require.Equal(t, exitInterrupted, code, stderr.String())
}
