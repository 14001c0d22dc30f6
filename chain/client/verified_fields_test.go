package client_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/client/clienttest"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/internal/fieldlies"
)

// A record is read with a proof; its query answers without one.
type record struct {
	query string
	name  protoreflect.FullName
	lies  func(answer []byte) []fieldlies.Lie[[]byte]
	read  func(context.Context, *client.Verified) error
}

// liesAbout returns the false answers that differ from a true one in one field of the record.
func liesAbout[T any, R proto.Message](answer []byte, response R, record func(R) *T) (list []fieldlies.Lie[[]byte]) {
	if err := proto.Unmarshal(answer, response); err != nil {
		return nil
	}
	truth := *record(response)
	for _, lie := range fieldlies.About(truth, math.NewInt(77), math.NewInt(78), sdk.NewInt64Coin("umed", 77)) {
		*record(response) = lie.Value
		if raw, err := proto.Marshal(response); err == nil { // else no wire carries it
			list = append(list, fieldlies.Lie[[]byte]{Field: lie.Field, Value: raw})
		}
	}
	return list
}

func records(deal pdx.DealID, pool pdx.PoolID, validator pdx.Address) []record {
	return []record{
		{"Deal", "panacea.datapool.v3.Deal", func(raw []byte) []fieldlies.Lie[[]byte] {
			return liesAbout(raw, &types.QueryDealResponse{}, func(r *types.QueryDealResponse) *types.Deal { return &r.Deal })
		}, func(ctx context.Context, v *client.Verified) error { return second(v.Deal(ctx, deal)) }},
		{"Pool", "panacea.datapool.v3.Pool", func(raw []byte) []fieldlies.Lie[[]byte] {
			return liesAbout(raw, &types.QueryPoolResponse{}, func(r *types.QueryPoolResponse) *types.Pool { return &r.Pool })
		}, func(ctx context.Context, v *client.Verified) error { return second(v.Pool(ctx, pool)) }},
		{"Validator", "panacea.datapool.v3.Validator", func(raw []byte) []fieldlies.Lie[[]byte] {
			return liesAbout(raw, &types.QueryValidatorResponse{}, func(r *types.QueryValidatorResponse) *types.Validator { return &r.Validator })
		}, func(ctx context.Context, v *client.Verified) error { return second(v.Validator(ctx, validator)) }},
		{"Params", "panacea.datapool.v3.Params", func(raw []byte) []fieldlies.Lie[[]byte] {
			return liesAbout(raw, &types.QueryParamsResponse{}, func(r *types.QueryParamsResponse) *types.Params { return &r.Params })
		}, func(ctx context.Context, v *client.Verified) error { return second(v.Params(ctx)) }},
		{"Balance", "panacea.datapool.v3.Balance", func(raw []byte) []fieldlies.Lie[[]byte] {
			return liesAbout(raw, &types.QueryBalanceResponse{}, func(r *types.QueryBalanceResponse) *types.Balance { return &r.Balance })
		}, func(ctx context.Context, v *client.Verified) error { return second(v.Withdrawable(ctx, validator)) }},
	}
}

// An endpoint that lies about any field of a record is named with the field. The fields are
// those of the protobuf definitions.
func TestLiesInEveryField(t *testing.T) {
	c := newChain(t)
	pool, id := clienttest.Certified(t, c)
	truth, err := c.As("other").Deal(t.Context(), id)
	require.NoError(t, err)
	c.Pass(truth.History[len(truth.History)-1].Height+2, time.Time{})
	m := newMiddle(t, c)
	cfg := c.trusting("other")
	cfg.GRPC, cfg.RPC = m.grpcAddr, m.rpcAddr
	verified := dial(t, cfg).Verified()
	for _, r := range records(id, pool, truth.Validators[0]) {
		t.Run(r.query, func(t *testing.T) {
			method := "/panacea.datapool.v3.Query/" + r.query
			var answer []byte
			m.onGRPC(method, func(forward func() ([]byte, error)) (raw []byte, err error) {
				answer, err = forward()
				return answer, err
			})
			require.NoError(t, r.read(t.Context(), verified))
			said := ""
			for _, lie := range r.lies(answer) {
				m.onGRPC(method, func(func() ([]byte, error)) ([]byte, error) { return lie.Value, nil })
				err := r.read(t.Context(), verified)
				if r.query == "Balance" && lie.Field == "Address" {
					continue // whose it is was asked
				}
				var found *light.Lie
				require.ErrorAs(t, err, &found, lie.Field)
				said += found.What + "\n"
			}
			m.onGRPC(method, nil)
			require.NoError(t, r.read(t.Context(), verified))
			if r.query == "Balance" {
				require.Contains(t, said, "another withdrawable balance")
				return
			}
			descriptor, err := proto.HybridResolver.FindDescriptorByName(r.name)
			require.NoError(t, err)
			fields := descriptor.(protoreflect.MessageDescriptor).Fields()
			require.Positive(t, fields.Len())
			texts := map[string]bool{"terms": true, "disclosed_fields": true} // the record has their hashes
			require.Equal(t, r.query == "Deal" || r.query == "Pool", strings.Contains(said, "another text of"))
			for i := range fields.Len() {
				name := string(fields.Get(i).Name())
				if texts[name] {
					continue
				}
				require.True(t, strings.Contains(said, fmt.Sprintf("another %s of", name)), "nobody lied about %s", name)
			}
		})
	}
}
