package localnet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cosmossdk.io/log"
	"cosmossdk.io/store"
	pruningtypes "cosmossdk.io/store/pruning/types"
	cmtcfg "github.com/cometbft/cometbft/config"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	cmtnode "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/server"
	servercmtlog "github.com/cosmos/cosmos-sdk/server/log"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/chain/endpoints"
)

// Old states serve proofs and queries at past heights. A development chain
// makes blocks fast, so only the last ones are kept; blocks are all kept.
const (
	keepStates      = 1000
	pruneEveryBlock = 10
)

// node is one chain validator: a CometBFT node and its application.
type node struct {
	app   *app.App
	comet *cmtnode.Node
	dbs   *databases
}

// openNode opens the node of a directory without starting it. What cannot go on
// after the start is told to fail.
func openNode(dir, chainID string, software software, interval time.Duration, logger log.Logger, fail func(error)) (*node, error) {
	cfg := cometConfig(dir, interval)
	doc, err := checkNodeFiles(cfg)
	if err != nil {
		return nil, err
	}
	application, err := openApp(dir, chainID, software, logger)
	if err != nil {
		return nil, err
	}
	n := &node{app: application, dbs: &databases{}}
	if n.comet, err = n.openComet(cfg, doc, logger, fail); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

// software makes an application: app.New or app.NewBefore.
type software func(logger log.Logger, db dbm.DB, home string, options ...func(*baseapp.BaseApp)) (*app.App, error)

func (c Config) software() software {
	if c.Before {
		return app.NewBefore
	}
	return app.New
}

func openApp(dir, chainID string, software software, logger log.Logger) (*app.App, error) {
	db, err := dbm.NewGoLevelDB("application", filepath.Join(dir, "data"), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: open state: %w", ErrHome, err)
	}
	application, err := software(logger, db, dir,
		baseapp.SetChainID(chainID),
		baseapp.SetMinGasPrices(app.MinGasPrices),
		baseapp.SetPruning(pruningtypes.NewCustomPruningOptions(keepStates, pruneEveryBlock)),
		// IAVL's index of the latest values is read by queries without a lock
		// while a commit writes it; trees this small need none.
		baseapp.SetIAVLDisableFastNode(true),
		// Nor do queries and blocks share the nodes of a cache: IAVL 1.2 cuts the
		// children off a node that it changes while a query goes down by them.
		baseapp.SetIAVLCacheSize(0),
		baseapp.SetInterBlockCache(store.NewCommitKVStoreCacheManager()),
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrHome, err), db.Close())
	}
	return application, nil
}

func (n *node) openComet(cfg *cmtcfg.Config, doc *cmttypes.GenesisDoc, logger log.Logger, fail func(error)) (*cmtnode.Node, error) {
	nodeKey, err := p2p.LoadNodeKey(cfg.NodeKeyFile())
	if err != nil {
		return nil, fmt.Errorf("%w: node key: %w", ErrHome, err)
	}
	abci := watched{Application: server.NewCometABCIWrapper(n.app), fail: fail}
	comet, err := cmtnode.NewNode(cfg,
		privval.LoadFilePV(cfg.PrivValidatorKeyFile(), cfg.PrivValidatorStateFile()),
		nodeKey,
		proxy.NewLocalClientCreator(abci),
		func() (*cmttypes.GenesisDoc, error) { return doc, nil },
		n.dbs.provide,
		cmtnode.DefaultMetricsProvider(cfg.Instrumentation),
		servercmtlog.CometLoggerWrapper{Logger: logger},
	)
	if err != nil {
		return nil, fmt.Errorf("open chain: %w", err)
	}
	return comet, nil
}

// checkNodeFiles reads what CometBFT would otherwise end the process over.
func checkNodeFiles(cfg *cmtcfg.Config) (*cmttypes.GenesisDoc, error) {
	if err := checkKeyFile(cfg.PrivValidatorKeyFile(), &privval.FilePVKey{}); err != nil {
		return nil, err
	}
	if err := checkKeyFile(cfg.PrivValidatorStateFile(), &privval.FilePVLastSignState{}); err != nil {
		return nil, err
	}
	appGenesis, err := genutiltypes.AppGenesisFromFile(cfg.GenesisFile())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHome, err)
	}
	return appGenesis.ToGenesisDoc()
}

func checkKeyFile(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrHome, err)
	}
	if err := cmtjson.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrHome, path, err)
	}
	return nil
}

// trust returns the first block, which is there once the node has started.
func (n *node) trust() endpoints.Trust {
	store := n.comet.BlockStore()
	if meta := store.LoadBlockMeta(store.Base()); meta != nil {
		return endpoints.Trust{Height: meta.Header.Height, Hash: meta.BlockID.Hash.String()}
	}
	return endpoints.Trust{}
}

// close stops the node if it runs and closes every database.
func (n *node) close() error {
	var errs []error
	if n.comet != nil {
		if n.comet.IsRunning() {
			errs = append(errs, n.comet.Stop())
			n.comet.Wait()
		}
		errs = append(errs, n.comet.ProxyApp().Stop())
	}
	return errors.Join(append(errs, n.app.Close(), n.dbs.close())...)
}
