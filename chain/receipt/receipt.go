package receipt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	cmtcrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"

	storetypes "cosmossdk.io/store/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Format names the document.
const Format = "pdx-receipt-1"

// MaxBytes bounds a document: a deal of a few kilobytes, two proofs and a header, in base64.
const MaxBytes = 4 << 20

// A Receipt is a document. Its byte strings are base64 in JSON.
type Receipt struct {
	Format string `json:"format"`
	// Header is the protobuf of the CometBFT header whose app hash commits to the record.
	Header []byte `json:"header"`
	// Deal is the number of the deal, Record the protobuf of its record.
	Deal   uint64 `json:"deal,string"`
	Record []byte `json:"record"`
	// StoreProof leads from the record to the root of the module's store, AppProof from there to
	// the app hash; both are ICS-23 commitment proofs in protobuf.
	StoreProof []byte `json:"store_proof"`
	AppProof   []byte `json:"app_proof"`
}

// New makes a receipt of what a verified header proves.
func New(head *cmttypes.LightBlock, deal pdx.DealID, record []byte, proof []cmtcrypto.ProofOp) (Receipt, error) {
	header, err := head.Header.ToProto().Marshal()
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt: %w", err)
	}
	if len(proof) != 2 {
		return Receipt{}, fmt.Errorf("receipt: %w: the proof has %d operations, not 2", pdx.ErrCorrupt, len(proof))
	}
	return Receipt{
		Format: Format, Header: header, Deal: uint64(deal), Record: record, StoreProof: proof[0].Data, AppProof: proof[1].Data,
	}, nil
}

// Parse reads a document of at most MaxBytes. The error wraps pdx.ErrInvalid.
func Parse(r io.Reader) (Receipt, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt: %w", err)
	}
	if len(text) > MaxBytes {
		return Receipt{}, fmt.Errorf("receipt: %w: longer than %d bytes", pdx.ErrInvalid, MaxBytes)
	}
	var document Receipt
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&document); err != nil {
		return Receipt{}, fmt.Errorf("receipt: %w: not a document of format %s: %v", pdx.ErrInvalid, Format, err)
	}
	if document.Format != Format {
		return Receipt{}, fmt.Errorf("receipt: %w: the format is %.40q; this version reads %s", pdx.ErrInvalid, document.Format, Format)
	}
	return document, nil
}

// A Block is the block that a receipt stands on.
type Block struct {
	ChainID string
	Height  int64
	Time    time.Time
	Hash    [32]byte
}

// Block is what the header says. It proves nothing: anybody can write a header.
func (r Receipt) Block() (Block, error) {
	header, err := r.header()
	if err != nil {
		return Block{}, err
	}
	return Block{ChainID: header.ChainID, Height: header.Height, Time: header.Time.UTC(), Hash: [32]byte(header.Hash())}, nil
}

func (r Receipt) header() (cmttypes.Header, error) {
	var message cmtproto.Header
	if err := message.Unmarshal(r.Header); err != nil {
		return cmttypes.Header{}, fmt.Errorf("receipt: %w: header: %v", pdx.ErrInvalid, err)
	}
	header, err := cmttypes.HeaderFromProto(&message)
	if err != nil {
		return header, fmt.Errorf("receipt: %w: header: %v", pdx.ErrInvalid, err)
	}
	if len(header.Hash()) != 32 {
		return header, fmt.Errorf("receipt: %w: header: it names no validators", pdx.ErrInvalid)
	}
	return header, nil
}

// Verify returns the deal as it was in the state before the block whose hash is trusted. The
// error wraps pdx.ErrRefused if the block is another, pdx.ErrInvalid if the proof does not hold.
func (r Receipt) Verify(trusted [32]byte) (types.Deal, Block, error) {
	block, err := r.Block()
	if err != nil {
		return types.Deal{}, Block{}, err
	}
	if block.Hash != trusted {
		return types.Deal{}, block, fmt.Errorf("receipt: %w: it stands on block %d of %s with hash %X, not on %X", pdx.ErrRefused,
			block.Height, block.ChainID, block.Hash, trusted)
	}
	header, err := r.header()
	if err != nil {
		return types.Deal{}, block, err
	}
	proof := []cmtcrypto.ProofOp{
		{Type: storetypes.ProofOpIAVLCommitment, Data: r.StoreProof}, {Type: storetypes.ProofOpSimpleMerkleCommitment, Data: r.AppProof},
	}
	if len(r.Record) == 0 {
		return types.Deal{}, block, fmt.Errorf("receipt: %w: it has no record", pdx.ErrInvalid)
	}
	if err := light.VerifyValue(header.AppHash, types.StoreKey, types.DealStoreKey(r.Deal), r.Record, proof); err != nil {
		return types.Deal{}, block, fmt.Errorf("receipt: %w: %v", pdx.ErrInvalid, err)
	}
	var deal types.Deal
	if err := deal.Unmarshal(r.Record); err != nil {
		return types.Deal{}, block, fmt.Errorf("receipt: %w: record: %v", pdx.ErrInvalid, err)
	}
	return deal, block, nil
}
