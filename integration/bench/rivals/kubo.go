package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/blockservice"
	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/boxo/chunker"
	"github.com/ipfs/boxo/exchange"
	"github.com/ipfs/boxo/files"
	"github.com/ipfs/boxo/ipld/merkledag"
	unixfile "github.com/ipfs/boxo/ipld/unixfs/file"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
)

// kubo is bitswap as Kubo has it: the puller is told the root of the file's graph,
// as `ipfs get` is, and pins it first if that is wanted.
func kubo(pin bool) way {
	return way{add: addKubo, serve: serveKubo, pull: func(ctx context.Context, told []cid.Cid, at folder, _ uint64) (puller, error) {
		if len(told) != 1 {
			return nil, fmt.Errorf("%d CIDs were told, not the root alone", len(told))
		}
		store, err := openBlocks(ctx, at.pulled())
		if err != nil {
			return nil, err
		}
		return &get{keeper: store, root: told[0], pin: pin, file: at.data()}, nil
	}}
}

// addKubo does what `ipfs add --cid-version 1` does: blocks of 256 KiB as raw
// leaves, 174 to a node, in a balanced graph.
func addKubo(ctx context.Context, file string, at folder) ([]cid.Cid, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	store, err := openBlocks(ctx, at.served())
	if err != nil {
		return nil, err
	}
	batch := ipld.NewBufferedDAG(ctx, merkledag.NewDAGService(service(store, nil)))
	params := helpers.DagBuilderParams{
		Dagserv:    batch,
		Maxlinks:   helpers.DefaultLinksPerBlock,
		RawLeaves:  true,
		CidBuilder: cid.NewPrefixV1(cid.DagProtobuf, sha256),
	}
	builder, err := params.New(chunk.NewSizeSplitter(f, blockSize))
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	root, err := balanced.Layout(builder)
	if err := errors.Join(err, batch.Commit(), store.Close()); err != nil {
		return nil, err
	}
	return []cid.Cid{root.Cid()}, nil
}

func serveKubo(ctx context.Context, _ []cid.Cid, _ string, at folder) (keeper, error) {
	return openBlocks(ctx, at.served())
}

// get is an `ipfs get`, after an `ipfs pin add` if there is to be one.
type get struct {
	keeper
	root cid.Cid
	pin  bool
	file string
}

func (g *get) fetch(ctx context.Context, from *bitswap.Bitswap) error {
	graph := merkledag.NewDAGService(service(g, from))
	if g.pin {
		// What a pin waits for: 32 blocks at a time.
		if err := merkledag.FetchGraph(ctx, g.root, graph); err != nil {
			return err
		}
	}
	return g.write(ctx, graph)
}

// write writes the file while its graph is read in one session: Kubo's reader
// wants up to ten blocks ahead, and each is kept before it is read. (Kubo's
// daemon hands the file to its command as a tar stream, which is left out.)
func (g *get) write(ctx context.Context, graph ipld.DAGService) error {
	session := merkledag.NewReadOnlyDagService(merkledag.NewSession(ctx, graph))
	root, err := session.Get(ctx, g.root)
	if err != nil {
		return err
	}
	node, err := unixfile.NewUnixfsFile(ctx, session, root)
	if err != nil {
		return err
	}
	return errors.Join(files.WriteTo(node, g.file), node.Close())
}

// service does not look whether a block is there already before it writes it, as
// is Kubo's default.
func service(store blockstore.Blockstore, from exchange.Interface) blockservice.BlockService {
	return blockservice.New(store, from, blockservice.WriteThrough(true))
}
