//go:build !windows

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/config"
)

// lockedBuffer is a buffer that a test reads while others write.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// SIGHUP, whose default action ends a process, reads the configuration again. A broken file
// is named in the log and changes nothing.
func TestHangUpReloads(t *testing.T) {
	dir := t.TempDir()
	home, pass := filepath.Join(dir, "home"), filepath.Join(dir, "pass")
	require.NoError(t, os.WriteFile(pass, []byte("a passphrase for tests\n"), 0o600))
	code, _, errs := runIn(t, home, "init", "--chain-id", "nowhere-1", "--grpc", "127.0.0.1:1", "--rpc", "http://127.0.0.1:1",
		"--listen", "/ip4/127.0.0.1/tcp/0", "--passphrase-file", pass)
	require.Zero(t, code, errs)

	ctx, cancel := context.WithCancel(t.Context())
	out, log := &lockedBuffer{}, &lockedBuffer{}
	a := &app{streams: streams{in: strings.NewReader(""), out: out, err: log}, workFactor: testWorkFactor}
	ended := make(chan int, 1)
	go func() { ended <- a.run(ctx, []string{"daemon", "--home", home, "--passphrase-file", pass}) }()
	require.Eventually(t, func() bool { return strings.Contains(out.String(), "socket") }, time.Minute, 10*time.Millisecond, log)

	text, err := os.ReadFile(config.File(home))
	require.NoError(t, err)
	hangUp := func(file []byte, says string) {
		require.NoError(t, os.WriteFile(config.File(home), file, 0o600))
		require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGHUP))
		require.Eventually(t, func() bool { return strings.Contains(log.String(), says) }, time.Minute, 10*time.Millisecond, says)
	}
	hangUp(text[:len(text)/2], "cut off")
	hangUp(bytes.Replace(text, []byte("level: info"), []byte("level: debug"), 1), "level=DEBUG")
	cancel()
	require.Zero(t, <-ended)
}
