package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
)

const statusJSON = `{"node_info":{"network":%q},` +
	`"sync_info":{"latest_block_height":"%d","earliest_block_height":"%d","latest_block_time":"2026-01-01T00:00:00Z"},` +
	`"validator_info":{}}`

func status(chainID string, earliest, latest int64) rpcHook {
	return func() (string, error) { return fmt.Sprintf(statusJSON, chainID, latest, earliest), nil }
}

// alone returns a client of an endpoint with no chain behind it.
func alone(t *testing.T) (*client.Client, *middle) {
	t.Helper()
	m := newMiddle(t, nil)
	m.onRPC("status", status("c", 1, 9))
	m.onRPC("abci_info", func() (string, error) { return `{"response":{"last_block_height":"9"}}`, nil })
	return dial(t, client.Config{ChainID: "c", GRPC: m.grpcAddr, RPC: m.rpcAddr, Poll: poll}), m
}

// followOnce follows until the first trouble or the third block.
func followOnce(t *testing.T, l *client.Client, from int64) (blocks []client.Block, lost error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	enough := errors.New("enough")
	err := l.Follow(ctx, from, func(b client.Block) error {
		if blocks = append(blocks, b); len(blocks) == 3 {
			return enough
		}
		return nil
	}, func(err error) { lost = err; cancel() })
	if lost == nil && !errors.Is(err, enough) {
		lost = err
	}
	return blocks, lost
}

func TestPruned(t *testing.T) {
	l, m := alone(t)
	m.onRPC("status", status("c", 5, 9))
	_, err := followOnce(t, l, 4)
	require.ErrorIs(t, err, client.ErrPruned)
	require.ErrorContains(t, err, "begins at 5")
}

const header = `{"header":{"chain_id":%q,"height":"%d","time":"2026-01-01T00:00:00Z"}}`

func TestGarbageBlocks(t *testing.T) {
	good := func(format string, args ...any) rpcHook {
		return func() (string, error) { return fmt.Sprintf(format, args...), nil }
	}
	results := func(events string) rpcHook {
		return good(`{"height":"1","txs_results":null,"finalize_block_events":[%s]}`, events)
	}
	for name, c := range map[string]struct {
		header, results rpcHook
		want            error
	}{
		"no header":        {good(`{"header":null}`), nil, pdx.ErrUnavailable},
		"other height":     {good(header, "c", 2), nil, pdx.ErrCorrupt},
		"other chain":      {good(header, "d", 1), nil, pdx.ErrInvalid},
		"no results":       {good(header, "c", 1), good(`{}`), pdx.ErrCorrupt},
		"null transaction": {good(header, "c", 1), good(`{"height":"1","txs_results":[null]}`), pdx.ErrCorrupt},
		"not JSON":         {good(header, "c", 1), good(`<html>`), pdx.ErrUnavailable},
		"event": {
			good(header, "c", 1),
			results(`{"type":"panacea.datapool.v3.EventDealState","attributes":[{"key":"deal_id","value":"{"}]}`), pdx.ErrCorrupt,
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, m := alone(t)
			m.onRPC("header", c.header)
			m.onRPC("block_results", c.results)
			blocks, err := followOnce(t, l, 1)
			require.ErrorIs(t, err, c.want)
			require.Empty(t, blocks)
		})
	}
}

func TestStateBehindBlocks(t *testing.T) {
	l, m := alone(t)
	m.onRPC("abci_info", func() (string, error) { return `{"response":{"last_block_height":"0"}}`, nil })
	m.onRPC("header", func() (string, error) {
		t.Error("a block was read whose state is not there")
		return "", errors.New("no")
	})
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	m.onRPC("status", func() (string, error) {
		if asked++; asked == 3 {
			cancel()
		}
		return status("c", 1, 9)()
	})
	require.ErrorIs(t, l.Follow(ctx, 1, func(client.Block) error { return nil }, nil), context.Canceled)
}

func TestEndpointThatWentBack(t *testing.T) {
	l, m := alone(t)
	height := int64(0)
	m.onRPC("header", func() (string, error) { height++; return fmt.Sprintf(header, "c", height), nil })
	m.onRPC("block_results", func() (string, error) {
		if height == 2 {
			m.onRPC("status", status("c", 1, 1))
			return "", errors.New("away")
		}
		return fmt.Sprintf(`{"height":"%d"}`, height), nil
	})
	var told []string
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m.onRPC("status", status("c", 1, 2))
	err := l.Follow(ctx, 1, func(client.Block) error { return nil }, func(err error) {
		require.ErrorIs(t, err, pdx.ErrUnavailable)
		if told = append(told, err.Error()); len(told) == 1 {
			m.onRPC("status", status("c", 0, 0))
		} else {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Contains(t, told[1], "its endpoint is at 0, behind what was handled")
}

func TestGarbageAnswers(t *testing.T) {
	l, m := alone(t)
	answer := func(method string, raw []byte) {
		m.onGRPC("/panacea.datapool.v3.Query/"+method, func(func() ([]byte, error)) ([]byte, error) { return raw, nil })
	}
	// One pool, one deal, one validator without any field.
	for _, raw := range [][]byte{nil, {0x0a, 0x00}, {0x0a, 0x02, 0x08, 0x01}, []byte("garbage"), {0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f}} {
		for _, method := range []string{"Pool", "Deal", "DealByRoot", "Pools", "Deals", "Validator", "Validators", "Balance", "Params"} {
			answer(method, raw)
		}
		_, err := l.Pool(t.Context(), 1)
		requireBlamed(t, err)
		_, err = l.Deal(t.Context(), 1)
		requireBlamed(t, err)
		_, err = l.DealByRoot(t.Context(), 1, pdx.ContentID{}, pdx.Element{})
		requireBlamed(t, err)
		_, err = l.Validator(t.Context(), "x")
		requireBlamed(t, err)
		for _, call := range []func() error{
			func() error { _, _, err := l.Pools(t.Context(), pdx.PoolFilter{}); return err },
			func() error { _, _, err := l.Deals(t.Context(), pdx.DealFilter{}); return err },
			func() error { _, err := l.Validators(t.Context()); return err },
		} {
			if err := call(); len(raw) != 0 { // an empty page is a page
				requireBlamed(t, err)
			} else {
				require.NoError(t, err)
			}
		}
		// What these say may be nothing, but no garbage.
		_, _ = l.Withdrawable(t.Context(), "x")
		_, _ = l.OfferDeposit(t.Context(), pdx.Pool{}, nil, 1)
	}
	m.onGRPC("/cosmos.bank.v1beta1.Query/SpendableBalanceByDenom", func(func() ([]byte, error)) ([]byte, error) { return nil, nil })
	_, err := l.Balance(t.Context(), "x")
	require.ErrorIs(t, err, pdx.ErrCorrupt)
}

func requireBlamed(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	require.True(t, errors.Is(err, pdx.ErrCorrupt) || errors.Is(err, pdx.ErrUnavailable), err)
}

func TestEndlessList(t *testing.T) {
	l, m := alone(t)
	pages := 0
	m.onGRPC("/panacea.datapool.v3.Query/Validators", func(func() ([]byte, error)) ([]byte, error) {
		pages++
		return []byte{0x12, 0x03, 0x0a, 0x01, 0x01}, nil // an empty page with a next key
	})
	_, err := l.Validators(t.Context())
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	require.Equal(t, 100, pages)
}

func TestNobodyThere(t *testing.T) {
	l := dial(t, client.Config{ChainID: "c", GRPC: "127.0.0.1:1", RPC: "http://127.0.0.1:1"})
	_, err := l.Head(t.Context())
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	_, err = l.Deal(t.Context(), 1)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
}

func TestConfig(t *testing.T) {
	good := client.Config{ChainID: "c", GRPC: "h:1", RPC: "http://h:1"}
	for name, spoil := range map[string]func(*client.Config){
		"chain id":      func(c *client.Config) { c.ChainID = "" },
		"grpc address":  func(c *client.Config) { c.GRPC = "" },
		"rpc address":   func(c *client.Config) { c.RPC = "" },
		"poll interval": func(c *client.Config) { c.Poll = -1 },
		"chain rpc":     func(c *client.Config) { c.RPC = "http://[" },
	} {
		cfg := good
		spoil(&cfg)
		_, err := client.New(cfg)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
		require.True(t, strings.Contains(err.Error(), name), err)
	}
}
