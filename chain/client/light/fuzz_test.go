package light_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	storetypes "cosmossdk.io/store/types"
	cmtcrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	ics23 "github.com/cosmos/ics23/go"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/client/light"
)

// FuzzProof: no bytes of an endpoint end the process, and none prove anything
// under a root that they were not made for.
func FuzzProof(f *testing.F) {
	exist := &ics23.ExistenceProof{Key: []byte("key"), Value: []byte("value"), Leaf: ics23.IavlSpec.LeafSpec}
	presence, err := (&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Exist{Exist: exist}}).Marshal()
	require.NoError(f, err)
	nonexist := &ics23.NonExistenceProof{Key: []byte("key"), Left: exist}
	absence, err := (&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{Nonexist: nonexist}}).Marshal()
	require.NoError(f, err)
	f.Add(presence, presence, []byte("value"))
	f.Add(absence, presence, []byte{})
	f.Add([]byte{0x0a, 0x00}, []byte{0x12, 0x00}, []byte{})
	f.Add([]byte{0x22, 0x02, 0x0a, 0x00}, []byte{0x1a, 0x00}, []byte("v"))
	f.Fuzz(func(t *testing.T, inner, outer, value []byte) {
		require.Error(t, light.VerifyValue(make([]byte, 32), "datapool", []byte("key"), value, []cmtcrypto.ProofOp{
			{Type: storetypes.ProofOpIAVLCommitment, Data: inner}, {Type: storetypes.ProofOpSimpleMerkleCommitment, Data: outer},
		}))
	})
}

// scripted answers every question of CometBFT's RPC with the result for its method.
type scripted map[string]string

func (s scripted) RoundTrip(req *http.Request) (*http.Response, error) {
	var call struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
	}
	if err := json.NewDecoder(req.Body).Decode(&call); err != nil {
		return nil, err
	}
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, call.ID, s[call.Method])
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}, Request: req}, nil
}

// FuzzAnswers: whatever an endpoint answers is an error, never the end of the process.
func FuzzAnswers(f *testing.F) {
	f.Add(`{}`, `{}`)
	f.Add(`{"signed_header":{"header":null,"commit":null}}`, `null`)
	f.Add(`{"signed_header":{"header":{"chain_id":"c","height":"1","time":"2026-01-01T00:00:00Z"},"commit":{"height":"1","signatures":[{}]}}}`,
		`{"block_height":"1","validators":[null],"count":"1","total":"1"}`)
	f.Add(`{"signed_header":{`+
		`"header":{"version":{"block":"11"},"chain_id":"c","height":"1","time":"2026-01-01T00:00:00Z"},`+
		`"commit":{"height":"1","round":0,"block_id":{"hash":"00"},"signatures":[]}}}`,
		`{"block_height":"1","validators":[{"address":"","pub_key":null,"voting_power":"-1"}],"count":"1","total":"1"}`)
	f.Fuzz(func(t *testing.T, commit, validators string) {
		rpc, err := rpchttp.NewWithClient("http://127.0.0.1:1", "/websocket", &http.Client{
			Transport: scripted{"commit": commit, "validators": validators},
		})
		require.NoError(t, err)
		h, err := light.New(light.Config{ChainID: "c", Anchor: light.Anchor{Height: 1, Hash: make([]byte, 32)}})
		require.NoError(t, err)
		_, err = h.Latest(t.Context(), light.Source{Name: "liar", RPC: rpc})
		require.Error(t, err)
	})
}

// FuzzMemory: whatever was kept is read or passed over.
func FuzzMemory(f *testing.F) {
	anchor := light.Anchor{Height: 1, Hash: make([]byte, 32)}
	good, err := json.Marshal(map[string]any{"chain_id": "c", "anchor_height": 1, "anchor_hash": anchor.Hash, "block": []byte{0x0a, 0x00}})
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte(`{"chain_id":"c","anchor_height":1}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		block, err := light.DecodeSaved(document, "c", anchor)
		if err == nil && block != nil {
			require.NoError(t, block.ValidateBasic("c"))
		}
	})
}
