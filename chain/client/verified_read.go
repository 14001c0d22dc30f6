package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/cosmos-sdk/codec"
	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"
	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/chain/receipt"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Deal reads a deal and the head that proves it. It returns pdx.ErrNotFound if the absence is
// proven.
func (v *Verified) Deal(ctx context.Context, id pdx.DealID) (deal pdx.Deal, head pdx.Head, err error) {
	head, err = v.prove(ctx, func(e *endpoint, at *cmttypes.LightBlock) (err error) {
		deal, err = v.deal(ctx, e, at, uint64(id))
		return err
	})
	return deal, head, err
}

func (v *Verified) deal(ctx context.Context, e *endpoint, at *cmttypes.LightBlock, id uint64) (pdx.Deal, error) {
	var proven types.Deal
	err := v.value(ctx, e, at, &question{
		what: fmt.Sprintf("deal %d", id), key: types.DealStoreKey(id), into: &proven,
		id: id, next: types.NextDealStoreKey(),
		said: func(ctx context.Context, q types.QueryClient) (proto.Message, error) {
			res, err := q.Deal(ctx, &types.QueryDealRequest{DealId: id})
			if err != nil {
				return nil, err
			}
			return &res.Deal, nil
		},
		join: func(said proto.Message) bool {
			proven.DisclosedFields = said.(*types.Deal).DisclosedFields
			return bytes.Equal(types.HashFields(proven.DisclosedFields), proven.FieldsHash)
		},
	})
	if err != nil {
		return pdx.Deal{}, err
	}
	return toDeal(proven)
}

// Receipt reads a deal's record with the proof of it, from a block that is verified.
func (v *Verified) Receipt(ctx context.Context, id pdx.DealID) (r receipt.Receipt, err error) {
	_, err = v.prove(ctx, func(e *endpoint, at *cmttypes.LightBlock) error {
		if _, err := v.deal(ctx, e, at, uint64(id)); err != nil { // also where there is none
			return err
		}
		record, proof, err := v.headers.Proof(ctx, e.source(), at, types.StoreKey, types.DealStoreKey(uint64(id)))
		if err != nil {
			return err
		}
		r, err = receipt.New(at, id, record, proof)
		return err
	})
	return r, err
}

// VerifyReceipt returns the deal of a receipt, and the block that it stands on, whose hash is
// trusted. It fails as receipt.Receipt.Verify does.
func VerifyReceipt(r receipt.Receipt, trusted [32]byte) (pdx.Deal, receipt.Block, error) {
	proven, block, err := r.Verify(trusted)
	if err != nil {
		return pdx.Deal{}, block, err
	}
	deal, err := toDeal(proven)
	return deal, block, err
}

// DealByRoot reads the deal of a ciphertext under a dataset key in a pool, and the head that
// proves it.
func (v *Verified) DealByRoot(
	ctx context.Context, pool pdx.PoolID, root pdx.ContentID, key pdx.Element,
) (deal pdx.Deal, head pdx.Head, err error) {
	head, err = v.prove(ctx, func(e *endpoint, at *cmttypes.LightBlock) error {
		raw, err := v.headers.Value(ctx, e.source(), at, types.StoreKey, types.RootStoreKey(uint64(pool), root[:], key[:]))
		if err != nil {
			return err
		}
		if raw == nil {
			return nothing(fmt.Sprintf("deal of %s in pool %d", root, pool))
		}
		id, err := types.DecodeStoreNumber(raw)
		if err != nil {
			return fmt.Errorf("%w: the chain's %v", pdx.ErrCorrupt, err)
		}
		deal, err = v.deal(ctx, e, at, id)
		return err
	})
	return deal, head, err
}

// Pool reads a pool, and the head that proves it.
func (v *Verified) Pool(ctx context.Context, id pdx.PoolID) (pool pdx.Pool, head pdx.Head, err error) {
	var proven types.Pool
	head, err = v.prove(ctx, func(e *endpoint, at *cmttypes.LightBlock) error {
		return v.value(ctx, e, at, &question{
			what: fmt.Sprintf("pool %d", id), key: types.PoolStoreKey(uint64(id)), into: &proven,
			id: uint64(id), next: types.NextPoolStoreKey(),
			said: func(ctx context.Context, q types.QueryClient) (proto.Message, error) {
				res, err := q.Pool(ctx, &types.QueryPoolRequest{PoolId: uint64(id)})
				if err != nil {
					return nil, err
				}
				return &res.Pool, nil
			},
			join: func(said proto.Message) bool {
				proven.Terms = said.(*types.Pool).Terms
				return bytes.Equal(types.HashTerms(proven.Terms), proven.TermsHash)
			},
		})
	})
	if err != nil {
		return pool, head, err
	}
	pool, err = toPool(proven)
	return pool, head, err
}

// Validator reads a validator, and the head that proves it.
func (v *Verified) Validator(ctx context.Context, address pdx.Address) (validator pdx.Validator, head pdx.Head, err error) {
	var proven types.Validator
	head, err = v.prove(ctx, func(e *endpoint, at *cmttypes.LightBlock) error {
		return v.value(ctx, e, at, &question{
			what: fmt.Sprintf("validator %s", address), key: types.ValidatorStoreKey(string(address)), into: &proven,
			said: func(ctx context.Context, q types.QueryClient) (proto.Message, error) {
				res, err := q.Validator(ctx, &types.QueryValidatorRequest{Address: string(address)})
				if err != nil {
					return nil, err
				}
				return &res.Validator, nil
			},
		})
	})
	if err != nil {
		return validator, head, err
	}
	validator, err = toValidator(proven)
	return validator, head, err
}

// Params reads the module's parameters, and the head that proves them.
func (v *Verified) Params(ctx context.Context) (params types.Params, head pdx.Head, err error) {
	head, err = v.prove(ctx, func(e *endpoint, at *cmttypes.LightBlock) error { return v.params(ctx, e, at, &params) })
	return params, head, err
}

func (v *Verified) params(ctx context.Context, e *endpoint, at *cmttypes.LightBlock, into *types.Params) error {
	return v.value(ctx, e, at, &question{
		what: "parameters", key: types.ParamsStoreKey(), into: into,
		said: func(ctx context.Context, q types.QueryClient) (proto.Message, error) {
			res, err := q.Params(ctx, &types.QueryParamsRequest{})
			if err != nil {
				return nil, err
			}
			return &res.Params, nil
		},
	})
}

// A question asks for a value of the module's store, and how an endpoint answers it without
// a proof.
type question struct {
	what string
	key  []byte
	into proto.Message
	// next, if set, is the key of the next number, from which on there are no records: the
	// SDK cannot prove an absence next to a key without a value, such as that of an index.
	id   uint64
	next []byte
	said func(context.Context, types.QueryClient) (proto.Message, error)
	// join, if set, completes what is proven by the texts in the answer. It reports whether
	// they have the hash in the proven record.
	join func(said proto.Message) bool
}

// value proves a value and compares it with the same endpoint's answer without a proof, since
// its other answers are trusted without one.
func (v *Verified) value(ctx context.Context, e *endpoint, at *cmttypes.LightBlock, c *question) error {
	raw, err := v.raw(ctx, e, at, c)
	if err != nil {
		return fmt.Errorf("%s: %w", c.what, err)
	}
	if raw != nil {
		if err := decodeStored(raw, c.into); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
	}
	height := light.StateHeight(at)
	atHeight := metadata.AppendToOutgoingContext(ctx, grpctypes.GRPCBlockHeightHeader, strconv.FormatInt(height, 10))
	said, err := c.said(atHeight, types.NewQueryClient(e))
	switch {
	case raw == nil && status.Code(err) == codes.NotFound:
		e.health.proved(time.Now())
		return nothing(c.what)
	case raw == nil && err == nil:
		return &light.Lie{Source: e.address, What: fmt.Sprintf("shows %s, and proves that there is none at height %d", c.what, height)}
	case raw != nil && status.Code(err) == codes.NotFound:
		return &light.Lie{Source: e.address, What: fmt.Sprintf("denies %s, and proves that it exists at height %d", c.what, height)}
	case err != nil:
		return fmt.Errorf("%s of %s: %w", c.what, e.address, queryError("compare", err))
	}
	if c.join != nil && !c.join(said) {
		what := fmt.Sprintf("shows another text of %s than it proves the hash of at height %d", c.what, height)
		return &light.Lie{Source: e.address, What: what}
	}
	if differ := differences(c.into, said); len(differ) > 0 {
		what := fmt.Sprintf("shows another %s of %s than it proves at height %d", strings.Join(differ, ", "), c.what, height)
		return &light.Lie{Source: e.address, What: what}
	}
	e.health.proved(time.Now())
	return nil
}

// raw returns the proven value, or nil if its absence is proven.
func (v *Verified) raw(ctx context.Context, e *endpoint, at *cmttypes.LightBlock, c *question) ([]byte, error) {
	if c.next != nil {
		next, err := v.headers.Value(ctx, e.source(), at, types.StoreKey, c.next)
		if err != nil {
			return nil, err
		}
		if n, err := types.DecodeStoreNumber(next); err != nil {
			return nil, fmt.Errorf("%w: %v", pdx.ErrCorrupt, err)
		} else if c.id == 0 || c.id >= n {
			return nil, nil
		}
	}
	return v.headers.Value(ctx, e.source(), at, types.StoreKey, c.key)
}

// nothing returns the error of a proven absence.
func nothing(what string) error {
	return fmt.Errorf("%s: %w on this chain", what, pdx.ErrNotFound)
}

// decodeStored decodes a proven value of the store, which may still be malformed.
func decodeStored(raw []byte, into proto.Message) error {
	if err := proto.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: the stored value: %v", pdx.ErrCorrupt, err)
	}
	return nil
}

// differences names the fields in which two messages of the same type differ.
func differences(a, b proto.Message) []string {
	left, right := fieldsOf(a), fieldsOf(b)
	var names []string
	for name := range left {
		if string(left[name]) != string(right[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// fieldsOf returns all fields of a message as JSON, whether or not they are set.
func fieldsOf(m proto.Message) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if raw, err := codec.ProtoMarshalJSON(m, nil); err == nil {
		_ = json.Unmarshal(raw, &fields) // it was made a line above
	}
	return fields
}
