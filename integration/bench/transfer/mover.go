package main

import (
	"context"
)

// mover is a way to move a blob's bytes from one end of a bed to the other.
type mover struct {
	key, title string
	// move brings s to the puller once.
	move func(ctx context.Context, b *bencher, on *bed, s source) (figures, error)
}

// figures are of one transfer.
type figures struct {
	seconds        float64
	puller, server usage
}

func movers() []mover {
	return []mover{
		{"stream", "raw libp2p stream to nowhere", moveStream(byTCP)},
		{"stock", "the same, libp2p as it comes", moveStream(stock)},
		{"pdx", "pdx pull to disk, verified, synced", movePdx(serveConfig{Served: true})},
		{"first", "the same, the blob's first puller", movePdx(serveConfig{})},
		{"remade", "the same, sealed anew on the fly", moveRemade},
		{"quic", "pdx pull over QUIC", movePdx(serveConfig{Way: byQUIC, Served: true})},
		{"bitswap", "bitswap to disk, all CIDs known", moveBitswap("known")},
		{"kubo", "bitswap to disk, ipfs get", moveBitswap("get")},
		{"kubopin", "bitswap to disk, ipfs pin, then get", moveBitswap("pin")},
		{"rsync", "rsync over ssh to disk", moveRsync},
		{"tcp", "plain TCP to nowhere", moveTCP},
	}
}

// moveBetween returns the mover of two roles of this program.
func moveBetween(ctx context.Context, on *bed, serve string, sc serveConfig, pull string, pc pullConfig) (f figures, err error) {
	sc.Address, pc.Address = on.server.address, on.puller.address
	sc.Name, pc.Name = serve, pull
	var at served
	server, err := launchRole(ctx, on.server, &at, serve, sc)
	if err != nil {
		return figures{}, err
	}
	pc.From = at.Addresses
	var report pulled
	puller, err := launchRole(ctx, on.puller, &struct{}{}, pull, pc)
	if err == nil {
		err = puller.report(&report)
	}
	if err != nil {
		server.kill()
		return figures{}, err
	}
	f.seconds, f.puller = report.Seconds, report.usage
	return f, server.stop(&f.server)
}

func movePdx(sc serveConfig) func(context.Context, *bencher, *bed, source) (figures, error) {
	return func(ctx context.Context, b *bencher, on *bed, s source) (figures, error) {
		dir, done, err := b.scratch()
		if err != nil {
			return figures{}, err
		}
		defer done()
		sc.Store, sc.Plain, sc.Profile = s.store, s.plain, b.profile
		return moveBetween(ctx, on,
			"serve-blob", sc,
			"pull-blob", pullConfig{Way: sc.Way, Root: s.root, Size: s.size, Store: dir, Profile: b.profile})
	}
}

// moveRemade moves a sealed dataset of which the server has the plaintext and the
// tree.
func moveRemade(ctx context.Context, b *bencher, on *bed, s source) (figures, error) {
	plain, err := b.plainSource(ctx, s)
	if err != nil {
		return figures{}, err
	}
	return movePdx(serveConfig{})(ctx, b, on, plain)
}

func moveStream(by way) func(context.Context, *bencher, *bed, source) (figures, error) {
	return func(ctx context.Context, _ *bencher, on *bed, s source) (figures, error) {
		return moveBetween(ctx, on, "serve-stream", serveConfig{Way: by}, "pull-stream", pullConfig{Size: s.size, Way: by})
	}
}

func moveTCP(ctx context.Context, _ *bencher, on *bed, s source) (figures, error) {
	return moveBetween(ctx, on, "serve-tcp", serveConfig{}, "pull-tcp", pullConfig{Size: s.size})
}
