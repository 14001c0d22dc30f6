package main

import (
	"errors"
	"fmt"

	"github.com/medibloc/pdx/chain/localnet"
)

// hint says what to do about a failure, where the command can know.
func (c *cli) hint(err error) string {
	switch {
	case errors.Is(err, localnet.ErrNoChain):
		return fmt.Sprintf("make a chain: pdx-localnet start --home %s", c.home)
	case errors.Is(err, localnet.ErrNotRunning):
		return fmt.Sprintf("start the chain: pdx-localnet start --home %s", c.home)
	case errors.Is(err, localnet.ErrRunning):
		return "stop the chain first (Ctrl-C, or kill its process), or choose another --home"
	case errors.Is(err, localnet.ErrExists):
		return fmt.Sprintf("start the chain, or delete it first: pdx-localnet reset --all --home %s", c.home)
	case errors.Is(err, localnet.ErrPort):
		return "pass other addresses to --grpc and --rpc, or leave the flags out to use free ports"
	case errors.Is(err, localnet.ErrHome):
		return fmt.Sprintf("start over with new keys: pdx-localnet reset --all --home %s", c.home)
	}
	return ""
}
