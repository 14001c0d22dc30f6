package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// patience is many times what a process takes to start on a busy machine.
const patience = 5 * time.Minute

// TestScripts runs pdx as people and scripts do; see testdata/script.
//
//	fails CODE PROGRAM ARGS…      runs a program that must end with that code
//	until 'REGEXP' PROGRAM ARGS…  runs a program again until its output matches
//	awaits chain|node HOME        waits until a process serves the home
//	let NAME FIELD                takes a field of the JSON on stdout
//	valid stdout|stderr           wants lines of JSON
//	occupy NAME                   listens on a port until the script ends
//	localnet                      builds pdx-localnet
//	stops PID HOME                ends a daemon in the background
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fails": fails, "until": until, "awaits": awaits, "let": let, "valid": valid, "occupy": occupy, "localnet": localnet, "stops": stops,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("PDX_HOME", filepath.Join(env.WorkDir, "home"))
			// A home that the version before this one made.
			if err := os.CopyFS(filepath.Join(env.WorkDir, "previous"), os.DirFS("testdata/home-1d10adcc")); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(env.WorkDir, "pass"), []byte("correct horse battery\n"), 0o600)
		},
	})
}

func want(ts *testscript.TestScript, ok bool, usage string) {
	if !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

func fails(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) > 1, "fails CODE PROGRAM ARGS…")
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != code {
		ts.Fatalf("exit %d is wanted, got %v\n%s%s", code, err, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

func until(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) > 1, "until 'REGEXP' PROGRAM ARGS…")
	wanted := regexp.MustCompile("(?m)" + args[0])
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) { // a real network is awaited
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && wanted.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s does not come: %v\n%s%s", args[0], err, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
		}
	}
}

func awaits(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) == 2, "awaits chain|node HOME")
	home := ts.MkAbs(args[1])
	ready := func() error {
		if args[0] == "chain" {
			_, err := (&app{texts: language()}).localnetEndpoints(home)
			return err
		}
		_, err := api.NewClient(filepath.Join(home, "pdx.sock")).Status(context.Background(), &nodepb.StatusRequest{})
		return err
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) { // a real process is awaited
		err := ready()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s %s does not come: %v", args[0], home, err)
		}
	}
}

func stops(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) == 2, "stops PID HOME")
	pid, err := strconv.Atoi(args[0])
	ts.Check(err)
	process, err := os.FindProcess(pid)
	ts.Check(err)
	ts.Check(process.Signal(os.Interrupt))
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) { // a real process is awaited
		conn, err := net.Dial("unix", filepath.Join(ts.MkAbs(args[1]), "pdx.sock"))
		if err != nil {
			return
		}
		conn.Close()
		if time.Now().After(deadline) {
			ts.Fatalf("process %d does not stop", pid)
		}
	}
}

func let(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) == 2, "let NAME FIELD")
	var answer map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &answer))
	value, ok := answer[args[1]]
	if !ok {
		ts.Fatalf("there is no field %q in %v", args[1], answer)
	}
	ts.Setenv(args[0], fmt.Sprint(value))
}

func valid(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) == 1, "valid stdout|stderr")
	text := ts.ReadFile(args[0])
	if text == "" {
		ts.Fatalf("%s is empty", args[0])
	}
	for line := range strings.Lines(text) {
		if !json.Valid([]byte(line)) {
			ts.Fatalf("this is not JSON: %s", line)
		}
	}
}

func occupy(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) == 1, "occupy NAME")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
	ts.Setenv(args[0], strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
}

// chainBinary is pdx-localnet, built once: pdx itself must not link it.
var chainBinary struct {
	once   sync.Once
	folder string
	err    error
}

// localnet puts pdx-localnet on the script's path.
func localnet(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, !neg && len(args) == 0, "localnet")
	chainBinary.once.Do(func() { chainBinary.folder, chainBinary.err = buildLocalnet() })
	ts.Check(chainBinary.err)
	ts.Setenv("PATH", chainBinary.folder+string(filepath.ListSeparator)+ts.Getenv("PATH"))
}

func buildLocalnet() (string, error) {
	if given := os.Getenv("PDX_BIN"); given != "" {
		return given, nil
	}
	folder, err := os.MkdirTemp("", "pdx-cli-")
	if err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "build", "-o", folder, "../pdx-localnet").CombinedOutput(); err != nil {
		return folder, fmt.Errorf("build pdx-localnet: %w\n%s", err, out)
	}
	return folder, nil
}

// tidy removes what the tests built.
type tidy struct{ *testing.M }

func (m tidy) Run() int {
	code := m.M.Run()
	if folder := chainBinary.folder; folder != "" && folder != os.Getenv("PDX_BIN") {
		os.RemoveAll(folder)
	}
	return code
}
