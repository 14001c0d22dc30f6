package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/go-cid"
)

// way is how a node keeps blocks and finds out which it wants.
type way struct {
	// add makes a file ready to be served, and is what a puller must be told.
	add   func(ctx context.Context, file string, at folder) ([]cid.Cid, error)
	serve func(ctx context.Context, told []cid.Cid, file string, at folder) (keeper, error)
	pull  func(ctx context.Context, told []cid.Cid, at folder, size uint64) (puller, error)
}

var ways = map[string]way{"known": known, "get": kubo(false), "pin": kubo(true)}

// keeper keeps the blocks of one end.
type keeper interface {
	blockstore.Blockstore
	io.Closer
}

// puller is the keeper of a file that is to come.
type puller interface {
	keeper
	// fetch returns when the verified file is written.
	fetch(ctx context.Context, from *bitswap.Bitswap) error
}

const (
	// blockSize is what files are cut into by default where bitswap is at home.
	blockSize = 256 << 10
	// sha256 is the code of the hash that is the default there.
	sha256 = 0x12
)

// folder is where everything about one transfer lies.
type folder string

func (f folder) data() string   { return filepath.Join(string(f), "data") }   // the file that was pulled
func (f folder) told() string   { return filepath.Join(string(f), "told") }   // CIDs, one a line
func (f folder) served() string { return filepath.Join(string(f), "served") } // the server's blocks
func (f folder) pulled() string { return filepath.Join(string(f), "pulled") } // the puller's blocks

func (f folder) tell(told []cid.Cid) error {
	file, err := os.Create(f.told())
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewWriter(file)
	for _, c := range told {
		fmt.Fprintln(lines, c)
	}
	return lines.Flush()
}

func (f folder) hear() (told []cid.Cid, err error) {
	file, err := os.Open(f.told())
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		c, err := cid.Decode(lines.Text())
		if err != nil {
			return nil, err
		}
		told = append(told, c)
	}
	return told, lines.Err()
}
