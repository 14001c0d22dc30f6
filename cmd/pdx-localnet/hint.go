package main

import (
	"errors"
	"fmt"

	"github.com/medibloc/pdx/chain/localnet"
)

// hint is the way out of a failure, where there is one to name.
func (c *cli) hint(err error) string {
	switch {
	case errors.Is(err, localnet.ErrNoChain):
		return fmt.Sprintf("make one: pdx-localnet start --home %s", c.home)
	case errors.Is(err, localnet.ErrNotRunning):
		return fmt.Sprintf("start it: pdx-localnet start --home %s", c.home)
	case errors.Is(err, localnet.ErrRunning):
		return "stop it first (Ctrl-C, or kill with its process number), or choose another --home"
	case errors.Is(err, localnet.ErrExists):
		return fmt.Sprintf("start it, or take it away first: pdx-localnet reset --all --home %s", c.home)
	case errors.Is(err, localnet.ErrPort):
		return "give --grpc and --rpc other addresses, or leave them out for free ports"
	case errors.Is(err, localnet.ErrHome):
		return fmt.Sprintf("begin again with new keys: pdx-localnet reset --all --home %s", c.home)
	}
	return ""
}
