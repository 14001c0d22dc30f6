package main

import (
	"context"
	"encoding/json"
	"net"
)

// roleServeTCP writes bytes to plain TCP connections.
func roleServeTCP(ctx context.Context, config string) error {
	var c serveConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", net.JoinHostPort(c.Address, "0"))
	if err != nil {
		return err
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = answerBytes(conn) // the puller notices
			_ = conn.Close()
		}
	}()
	return untilStopped(c, []string{l.Addr().String()}, func() uint64 { return 0 })
}

// rolePullTCP reads bytes from a plain TCP connection to nowhere.
func rolePullTCP(ctx context.Context, config string) error {
	var c pullConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	return timed(c, func(*pulled) error {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", c.From[0])
		if err != nil {
			return err
		}
		defer conn.Close()
		return takeBytes(conn, c.Size)
	})
}
