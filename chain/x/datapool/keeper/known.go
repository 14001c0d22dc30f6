package keeper

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

//go:embed known_complaints.json
var knownComplaints []byte

// knownComplaint is a complaint and the verdict about it.
type knownComplaint struct {
	Name     string                  `json:"name"`
	ChainID  string                  `json:"chain_id"`
	Deal     uint64                  `json:"deal"`
	Buyer    string                  `json:"buyer"`
	BuyerKey []byte                  `json:"buyer_key"`
	Dataset  types.Dataset           `json:"dataset"`
	Delivery *types.Delivery         `json:"delivery"`
	Segment  *types.SegmentComplaint `json:"segment,omitempty"`
	Box      *types.BoxComplaint     `json:"box,omitempty"`
	Code     uint32                  `json:"code"` // of the refusal; 0 if the complaint convicts
}

// checkJudgement judges complaints whose verdicts are known: for both ciphers, a segment and
// a box that open, and ones that do not.
//
// A verdict must be the same on every node. The ciphers come from the toolchain, which can
// switch them off, for example by GODEBUG=fips140=only; a node that judged otherwise than
// the others would stop with another app hash, and a third of them would stop the chain. So
// a node that does not know these verdicts does not start.
var checkJudgement = sync.OnceValue(func() error {
	var known []knownComplaint
	if err := json.Unmarshal(knownComplaints, &known); err != nil {
		return fmt.Errorf("read known complaints: %w", err)
	}
	for _, k := range known {
		if err := k.check(); err != nil {
			return err
		}
	}
	return nil
})

func (k knownComplaint) check() error {
	free := func(uint64, string) {}
	deal := types.Deal{Id: k.Deal, Buyer: k.Buyer, BuyerKey: k.BuyerKey, Dataset: k.Dataset, Delivery: k.Delivery}
	var err error
	if k.Segment != nil {
		err = judgeSegment(k.ChainID, deal, *k.Segment, free)
	} else {
		err = judgeBox(k.ChainID, deal, *k.Box, free)
	}
	if _, code, _ := errorsmod.ABCIInfo(err, false); code != k.Code {
		return fmt.Errorf("the verdict about %s is %d, not %d, so this process would judge otherwise than the chain (is GODEBUG set?): %w",
			k.Name, code, k.Code, err)
	}
	return nil
}
