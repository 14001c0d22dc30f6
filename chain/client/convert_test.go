package client

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func bytesOf(n int) []byte { return bytes.Repeat([]byte{7}, n) }

func goodDeal() types.Deal {
	return types.Deal{
		Id: 1, PoolId: 2, State: types.DEAL_STATE_DELIVERED, BuyerKey: bytesOf(32), CriteriaCid: pdx.ContentID{1}.Bytes(),
		Price: sdkmath.NewInt(5), Deposit: sdkmath.NewInt(1), AckMode: types.ACK_MODE_QUORUM,
		Draw: &types.Draw{Count: 1, Height: 9},
		Conviction: &types.Conviction{
			Kind: types.COMPLAINT_KIND_BOX, Slashed: []types.Share{{Amount: sdkmath.NewInt(3)}}, Compensation: sdkmath.NewInt(2),
		},
		Dataset: types.Dataset{
			Root: bytesOf(32), DatasetKey: bytesOf(32), Nonce: bytesOf(32), Box: bytesOf(48),
			KeyCommit: bytesOf(32), PlaintextCommitment: bytesOf(32),
		},
		Certificates: []types.Certificate{{Verdict: types.VERDICT_ACCEPT, ReportHash: bytesOf(32)}},
		Delivery:     &types.Delivery{D1: bytesOf(32), D2: bytesOf(32), Proof: bytesOf(96)},
		FieldsHash:   bytesOf(32),
		TermsHash:    bytesOf(32),
		Shares:       []types.Share{{Amount: sdkmath.NewInt(5)}},
		History:      []types.StateChange{{State: types.DEAL_STATE_OFFERED}},
	}
}

func TestDealOfWrongForm(t *testing.T) {
	_, err := toDeal(goodDeal())
	require.NoError(t, err)
	tooMuch := sdkmath.NewIntFromUint64(math.MaxUint64).AddRaw(1)
	for field, spoil := range map[string]func(*types.Deal){
		"root":                 func(d *types.Deal) { d.Dataset.Root = bytesOf(31) },
		"fields hash":          func(d *types.Deal) { d.FieldsHash = nil },
		"terms hash":           func(d *types.Deal) { d.TermsHash = bytesOf(33) },
		"disclosed fields":     func(d *types.Deal) { d.DisclosedFields = []string{"/other"} },
		"box":                  func(d *types.Deal) { d.Dataset.Box = bytesOf(49) },
		"dataset key":          func(d *types.Deal) { d.Dataset.DatasetKey = nil },
		"buyer key":            func(d *types.Deal) { d.BuyerKey = bytesOf(33) },
		"criteria":             func(d *types.Deal) { d.CriteriaCid = bytesOf(36) },
		"price":                func(d *types.Deal) { d.Price = tooMuch },
		"deposit":              func(d *types.Deal) { d.Deposit = sdkmath.NewInt(-1) },
		"share":                func(d *types.Deal) { d.Shares[0].Amount = tooMuch },
		"ack mode":             func(d *types.Deal) { d.AckMode = 0 },
		"conviction":           func(d *types.Deal) { d.Conviction.Kind = 0 },
		"slashed":              func(d *types.Deal) { d.Conviction.Slashed[0].Amount = tooMuch },
		"compensation":         func(d *types.Deal) { d.Conviction.Compensation = tooMuch },
		"state":                func(d *types.Deal) { d.State = 99 },
		"verdict":              func(d *types.Deal) { d.Certificates[0].Verdict = 0 },
		"report":               func(d *types.Deal) { d.Certificates[0].ReportHash = nil },
		"D1":                   func(d *types.Deal) { d.Delivery.D1 = nil },
		"nonce":                func(d *types.Deal) { d.Dataset.Nonce = bytesOf(1) },
		"key commit":           func(d *types.Deal) { d.Dataset.KeyCommit = bytesOf(64) },
		"plaintext commitment": func(d *types.Deal) { d.Dataset.PlaintextCommitment = nil },
	} {
		deal := goodDeal()
		spoil(&deal)
		_, err := toDeal(deal)
		require.ErrorIs(t, err, pdx.ErrCorrupt, field)
		require.ErrorContains(t, err, "the chain's answer for deal 1: "+field)
	}
}

func TestEveryWordHasANumber(t *testing.T) {
	for _, state := range []pdx.DealState{
		pdx.DealOffered, pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered, pdx.DealFinal,
		pdx.DealLapsed, pdx.DealUnacked, pdx.DealUndelivered, pdx.DealFraud,
	} {
		n, err := fromDealState(state)
		require.NoError(t, err)
		require.Equal(t, string(state), dealStateWord(n))
	}
	for _, status := range []pdx.PoolStatus{pdx.PoolOpen, pdx.PoolClosed, pdx.PoolExpired, pdx.PoolFilled} {
		n, err := fromPoolStatus(status)
		require.NoError(t, err)
		require.Equal(t, string(status), poolStatusWord(n))
	}
	for _, mode := range []pdx.AckMode{pdx.AckBuyer, pdx.AckQuorum} {
		n, err := fromAckMode(mode)
		require.NoError(t, err)
		require.Equal(t, string(mode), ackModeWord(n))
	}
	require.Equal(t, string(pdx.ComplaintSegment), complaintKindWord(types.COMPLAINT_KIND_SEGMENT))
	require.Equal(t, string(pdx.ComplaintBox), complaintKindWord(types.COMPLAINT_KIND_BOX))
	for n, s := range []pdx.ValidatorStatus{pdx.ValidatorBonded, pdx.ValidatorUnbonding, pdx.ValidatorUnbonded, pdx.ValidatorJailed} {
		require.Equal(t, string(s), validatorStatusWord(types.ValidatorStatus(n+1)))
	}
	for _, wrong := range []pdx.DealState{"unspecified", "sold", "OFFERED "} {
		_, err := fromDealState(wrong)
		require.ErrorIs(t, err, pdx.ErrInvalid, wrong)
	}
	for n := range types.RejectReason_name {
		require.NotEqual(t, "unknown", pdx.RejectReason(n).String())
	}
}

func TestEveryEventOfTheModuleIsKnown(t *testing.T) {
	file, err := proto.HybridResolver.FindFileByPath("panacea/datapool/v3/events.proto")
	require.NoError(t, err)
	messages := file.Messages()
	require.Positive(t, messages.Len())
	for i := range messages.Len() {
		name := string(messages.Get(i).FullName())
		event := reflect.New(proto.MessageType(name).Elem()).Interface().(proto.Message)
		_, known := toEvent(event)
		require.True(t, known, name)
	}
}

func TestEventsWithWhatTheSDKAdds(t *testing.T) {
	attributes := []abci.EventAttribute{
		{Key: "pool_id", Value: `"3"`}, {Key: "deal_id", Value: `"4"`}, {Key: "state", Value: `"DEAL_STATE_FINAL"`},
	}
	head := pdx.Head{ChainID: "c", Height: 9, Time: time.Unix(1, 0)}
	want := pdx.Event{Height: 9, Kind: "EventDealState", Pool: 3, Deal: 4, State: "final"}
	for _, more := range [][]abci.EventAttribute{
		nil, {{Key: "msg_index", Value: "0"}}, {{Key: "mode", Value: "EndBlock"}},
	} {
		b, err := parseBlock(head, []abci.Event{
			{Type: "transfer", Attributes: []abci.EventAttribute{{Key: "amount", Value: "1umed"}}},
			{Type: "panacea.datapool.v3.EventOfTomorrow"},
			{Type: "panacea.datapool.v3.EventDealState", Attributes: append(attributes, more...)},
		})
		require.NoError(t, err)
		require.Equal(t, Block{Head: head, Events: []pdx.Event{want}}, b)
	}
}

func TestKindsOfRefusals(t *testing.T) {
	for _, c := range []struct {
		codespace string
		code      uint32
		want      error
	}{
		{"datapool", types.ErrDealState.ABCICode(), pdx.ErrWrongState},
		{"datapool", types.ErrNothingToWithdraw.ABCICode(), pdx.ErrNoFunds},
		{"datapool", 9999, pdx.ErrRefused},
		{"sdk", sdkerrors.ErrInsufficientFunds.ABCICode(), pdx.ErrNoFunds},
		{"sdk", sdkerrors.ErrMempoolIsFull.ABCICode(), pdx.ErrUnavailable},
		{"sdk", sdkerrors.ErrUnauthorized.ABCICode(), pdx.ErrRefused},
		{"bank", sdkerrors.ErrInsufficientFunds.ABCICode(), pdx.ErrRefused},
	} {
		err := error(NewRefusal(c.codespace, c.code, "text", ""))
		require.ErrorIs(t, err, c.want)
		require.ErrorContains(t, err, "text")
		require.True(t, errors.As(err, new(*Refusal)))
	}
}

func FuzzConversions(f *testing.F) {
	deal := goodDeal()
	raw, err := deal.Marshal()
	require.NoError(f, err)
	f.Add(raw)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var d types.Deal
		if d.Unmarshal(raw) == nil {
			if deal, err := toDeal(d); err != nil {
				require.ErrorIs(t, err, pdx.ErrCorrupt)
			} else {
				require.Equal(t, d.Dataset, fromDataset(deal.Dataset))
			}
		}
		var p types.Pool
		if p.Unmarshal(raw) == nil {
			if _, err := toPool(p); err != nil {
				require.ErrorIs(t, err, pdx.ErrCorrupt)
			}
		}
		var v types.Validator
		if v.Unmarshal(raw) == nil {
			if _, err := toValidator(v); err != nil {
				require.ErrorIs(t, err, pdx.ErrCorrupt)
			}
		}
	})
}

func FuzzEvents(f *testing.F) {
	f.Add("EventDealState", "deal_id", `"4"`, "mode", "EndBlock")
	f.Add("EventPoolStatus", "status", "1", "refund", `{"a":[]}`)
	f.Fuzz(func(t *testing.T, kind, key1, value1, key2, value2 string) {
		block, err := parseBlock(pdx.Head{}, []abci.Event{{Type: eventPrefix + kind, Attributes: []abci.EventAttribute{
			{Key: key1, Value: value1}, {Key: key2, Value: value2},
		}}})
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrCorrupt)
		}
		require.LessOrEqual(t, len(block.Events), 1)
	})
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte{0x12, 0x02, 0x0a, 0x00})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := decodeAnswer(raw, &types.MsgOfferResponse{}); err != nil {
			require.ErrorIs(t, err, pdx.ErrCorrupt)
		}
	})
}
