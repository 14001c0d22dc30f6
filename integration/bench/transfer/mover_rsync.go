package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// moveRsync pulls with rsync from an sshd of its own, with keys and configuration
// in a temporary folder. The processor time and memory of both ends include
// rsync and ssh.
func moveRsync(ctx context.Context, b *bencher, on *bed, s source) (figures, error) {
	dir, done, err := b.scratch()
	if err != nil {
		return figures{}, err
	}
	defer done()
	d, err := startSSHD(ctx, on.server, dir)
	if err != nil {
		return figures{}, err
	}
	f, err := d.rsync(ctx, on.puller, s.file(), filepath.Join(dir, "data"))
	if err != nil {
		d.kill()
		return figures{}, err
	}
	f.server = d.stop()
	return f, nil
}

// sshd is one that listens on an address of its own.
type sshd struct {
	cmd  *exec.Cmd
	dir  string
	host string
	port int
}

func startSSHD(ctx context.Context, at site, dir string) (*sshd, error) {
	for _, name := range []string{"rsync", "ssh", "ssh-keygen", sshdPath} {
		if _, err := exec.LookPath(name); err != nil {
			return nil, fmt.Errorf("%w: %s is not installed", errSkip, name)
		}
	}
	// sshd insists on this folder where it is started by root.
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil && os.Geteuid() == 0 {
		return nil, err
	}
	d := &sshd{dir: dir, host: at.address, port: 20000 + os.Getpid()%20000}
	if err := d.configure(ctx); err != nil {
		return nil, err
	}
	d.cmd = exec.CommandContext(ctx, sshdPath, "-D", "-e", "-f", filepath.Join(dir, "sshd_config"))
	log := new(firstWord)
	log.found = make(chan struct{})
	log.word = "Server listening"
	d.cmd.Stderr = log
	endWithParent(d.cmd)
	if err := at.start(d.cmd); err != nil {
		return nil, fmt.Errorf("start sshd: %w", err)
	}
	select {
	case <-log.found:
		return d, nil
	case <-time.After(30 * time.Second):
		d.kill()
		return nil, fmt.Errorf("sshd does not listen: %s", log.text.String())
	}
}

const sshdPath = "/usr/sbin/sshd"

// firstWord is a log that tells when a word has come.
type firstWord struct {
	word  string
	text  strings.Builder
	found chan struct{}
	done  bool
}

func (w *firstWord) Write(p []byte) (int, error) {
	w.text.Write(p)
	if !w.done && strings.Contains(w.text.String(), w.word) {
		w.done = true
		close(w.found)
	}
	return len(p), nil
}

func (d *sshd) configure(ctx context.Context) error {
	for _, key := range []string{"host", "user"} {
		path := filepath.Join(d.dir, key)
		if out, err := exec.CommandContext(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path).CombinedOutput(); err != nil {
			return fmt.Errorf("ssh-keygen: %w: %s", err, out)
		}
	}
	own, err := os.ReadFile(filepath.Join(d.dir, "host.pub"))
	if err != nil {
		return err
	}
	known := fmt.Sprintf("[%s]:%d %s", d.host, d.port, own)
	config := fmt.Sprintf("ListenAddress %s\nHostKey %s\nAuthorizedKeysFile %s\nPidFile none\nUsePAM no\nStrictModes no\n"+
		"PasswordAuthentication no\nPermitRootLogin prohibit-password\n",
		net.JoinHostPort(d.host, strconv.Itoa(d.port)), filepath.Join(d.dir, "host"), filepath.Join(d.dir, "user.pub"))
	if err := os.WriteFile(filepath.Join(d.dir, "known"), []byte(known), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.dir, "sshd_config"), []byte(config), 0o600)
}

// rsync brings one file.
func (d *sshd) rsync(ctx context.Context, at site, from, to string) (f figures, err error) {
	shell := fmt.Sprintf("ssh -F none -p %d -i %s -o UserKnownHostsFile=%s "+
		"-o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o BatchMode=yes",
		d.port, filepath.Join(d.dir, "user"), filepath.Join(d.dir, "known"))
	cmd := exec.CommandContext(ctx, "rsync", "--whole-file", "-e", shell, d.host+":"+from, to)
	cmd.Stderr = os.Stderr
	endWithParent(cmd)
	start := time.Now()
	if err := at.start(cmd); err != nil {
		return f, err
	}
	if err := cmd.Wait(); err != nil {
		return f, fmt.Errorf("rsync: %w", err)
	}
	f.seconds, f.puller = time.Since(start).Seconds(), usageOfProcess(cmd.ProcessState)
	return f, nil
}

// stop ends sshd and is what it and its children used.
func (d *sshd) stop() usage {
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	_ = d.cmd.Wait()
	return usageOfProcess(d.cmd.ProcessState)
}

func (d *sshd) kill() {
	_ = d.cmd.Process.Kill()
	_ = d.cmd.Wait()
}
