package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/libp2p/go-libp2p/core/network"
)

const streamProtocol = "/pdx-bench/stream/1"

// chunk is what raw transfers write and read at a time.
const chunk = 256 << 10

// pour writes n bytes.
func pour(w io.Writer, n uint64) error {
	noise := make([]byte, chunk)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise)
	for n > 0 {
		part := noise[:min(n, chunk)]
		if _, err := w.Write(part); err != nil {
			return err
		}
		n -= uint64(len(part))
	}
	return nil
}

// answerBytes reads how many bytes are wanted and writes them.
func answerBytes(rw io.ReadWriter) error {
	var want [8]byte
	if _, err := io.ReadFull(rw, want[:]); err != nil {
		return err
	}
	return pour(rw, binary.BigEndian.Uint64(want[:]))
}

// takeBytes asks for n bytes and forgets them.
func takeBytes(rw io.ReadWriter, n uint64) error {
	if _, err := rw.Write(binary.BigEndian.AppendUint64(nil, n)); err != nil {
		return err
	}
	buffer := make([]byte, chunk)
	for left := n; left > 0; {
		got, err := rw.Read(buffer)
		left -= min(left, uint64(got))
		if err != nil && left > 0 {
			return fmt.Errorf("with %d bytes to come: %w", left, err)
		}
	}
	return nil
}

// roleServeStream writes bytes to streams.
func roleServeStream(_ context.Context, config string) error {
	var c serveConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	h, err := newHost(c.Address, c.Way)
	if err != nil {
		return err
	}
	defer h.Close()
	h.SetStreamHandler(streamProtocol, func(s network.Stream) {
		if err := answerBytes(s); err != nil {
			_ = s.Reset()
			return
		}
		_ = s.Close()
	})
	at, err := addresses(h)
	if err != nil {
		return err
	}
	return untilStopped(c, at, func() uint64 { return 0 })
}

// rolePullStream reads bytes from one stream to nowhere.
func rolePullStream(ctx context.Context, config string) error {
	var c pullConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	h, err := newHost(c.Address, c.Way)
	if err != nil {
		return err
	}
	defer h.Close()
	from, err := meet(h, c.From)
	if err != nil {
		return err
	}
	return timed(c, func(*pulled) error {
		s, err := h.NewStream(ctx, from[0], streamProtocol)
		if err != nil {
			return err
		}
		defer s.Close()
		return takeBytes(s, c.Size)
	})
}
