package localnet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app"
)

// Export writes the last state of the stopped chain in dir as a genesis
// document, from which a chain may begin at the next height. ErrRunning while
// the chain runs.
func Export(dir string, dst io.Writer) (err error) {
	h := home(dir)
	s, err := h.readSettings()
	if err != nil {
		return err
	}
	lock, err := h.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	a, err := openApp(h.node(0), s.ChainID, app.New, chainLogger{slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if a.LastBlockHeight() == 0 {
		return fmt.Errorf("%w: the chain has no block yet; start it once", pdx.ErrWrongState)
	}
	return writeExport(a, s.ChainID, dst)
}

func writeExport(a *app.App, chainID string, dst io.Writer) error {
	exported, err := a.Export(app.SameHeight)
	if err != nil {
		return err
	}
	params := cmttypes.ConsensusParamsFromProto(exported.ConsensusParams)
	doc := genutiltypes.NewAppGenesisWithVersion(chainID, exported.AppState)
	doc.AppName = app.Name
	doc.GenesisTime = time.Now().UTC()
	doc.InitialHeight = exported.Height
	doc.Consensus = &genutiltypes.ConsensusGenesis{Validators: exported.Validators, Params: &params}
	encoder := json.NewEncoder(dst)
	encoder.SetIndent("", "  ")
	return encoder.Encode(doc)
}
