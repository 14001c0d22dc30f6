// Package harm is a format for tests, whose reader does what its data says: what a file
// could have a reader do that it has taken over.
package harm

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"syscall"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
)

// Formats are those of this version and Format.
func Formats() *format.Registry {
	known := criteria.Formats()
	all := []format.Format{Format{}}
	for _, name := range known.MediaTypes() {
		f, err := known.Get(name)
		if err != nil {
			panic(err)
		}
		all = append(all, f)
	}
	r, err := format.New(all...)
	if err != nil {
		panic(err)
	}
	return r
}

// Format is the format.
type Format struct{}

var _ format.Fragile = Format{}

// MediaType implements format.Format.
func (Format) MediaType() string { return "application/x-harm" }

// Extensions implements format.Format.
func (Format) Extensions() []string { return []string{".harm"} }

// Fragile implements format.Fragile.
func (Format) Fragile() string { return "a test" }

// Read implements format.Format. The one record has what became of each deed.
func (Format) Read(src format.Source, _ format.Options) format.Reader { return &reader{src: src} }

// Project implements format.File.
func (Format) Project(context.Context, io.Writer, format.Source, fields.Selection) (format.Projection, error) {
	return format.Projection{}, nil
}

// Counter implements format.File.
func (f Format) Counter() format.Counter { return format.CountByReading(f) }

type reader struct {
	src  format.Source
	done bool
}

// Next implements format.Reader.
func (r *reader) Next() ([]byte, error) {
	if r.done {
		return nil, io.EOF
	}
	r.done = true
	deed, err := io.ReadAll(r.src.Reader())
	if err != nil {
		return nil, err
	}
	said := map[string]string{"deed": string(deed)}
	if err := do(string(deed)); err != nil {
		said["error"] = err.Error()
	}
	return json.Marshal(said)
}

func do(deed string) error {
	switch deed {
	case "memory":
		for held := [][]byte{}; ; {
			held = append(held, slices.Repeat([]byte{1}, 64<<20))
		}
	case "loop":
		for n := 0; ; n++ {
			if n < 0 {
				return nil
			}
		}
	case "panic":
		panic("SECRET")
	case "crash":
		go func() { panic("SECRET") }()
		select {}
	case "kill":
		p, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		return p.Kill()
	case "leave":
		os.Exit(0)
	case "read":
		_, err := os.ReadFile("/etc/hostname")
		return err
	case "write":
		return os.WriteFile(os.TempDir()+"/pdx-harm", []byte("x"), 0o600)
	case "dial":
		_, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", "127.0.0.1:1")
		return err
	case "run":
		return exec.CommandContext(context.Background(), "/bin/true").Run()
	case "parent":
		return syscall.Kill(os.Getppid(), 0)
	case "environment":
		return errorText(os.Environ())
	case "nonsense":
		_, _ = os.Stdout.WriteString("nonsense, and more of it")
	case "result":
		_, _ = os.Stdout.WriteString("d\x02\x00\x00\x00{}d\x02\x00\x00\x00{}")
	}
	return nil
}

type errorText []string

// Error implements error.
func (e errorText) Error() string { b, _ := json.Marshal([]string(e)); return string(b) }
