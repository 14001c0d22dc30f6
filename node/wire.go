package node

import (
	"context"
	"errors"
	"path/filepath"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/internal/clockwatch"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/node/ack"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/chainview"
	"github.com/medibloc/pdx/node/doctor"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/metrics"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/presence"
	"github.com/medibloc/pdx/node/recordsets"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/validation"
	"github.com/medibloc/pdx/node/validator"
	"github.com/medibloc/pdx/node/web"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/perf"
)

// wireRoles wires the roles with the ledger, the blob store and their tables.
func (n *Node) wireRoles(ctx context.Context) error {
	if err := n.wireEngine(); err != nil {
		return err
	}
	counters := transfer.NewMetrics(n.metrics)
	for _, wire := range []func(*transfer.Metrics) error{n.wireSeller, n.wireValidator, n.wireBuyer} {
		if err := wire(counters); err != nil {
			return err
		}
	}
	authorize := authorizer{hello: n.askers, seller: n.seller, buyer: n.buyer, validator: n.validator}
	limit, err := n.cfg.Upload.Limit()
	if err != nil {
		return err
	}
	n.wireUnreadable()
	n.server, err = transfer.NewServer(n.host, n.cfg.Chain.ID, servedStore{n.store, n.unreadable}, authorize,
		transfer.WithLogger(n.log), transfer.WithMetrics(counters), transfer.WithActivities(n.transfers), transfer.WithUpload(limit),
		transfer.WithDrops(n.drops))
	return err
}

func (n *Node) wireSeller(counters *transfer.Metrics) error {
	f, err := n.fetcher(pdx.RoleSeller, counters)
	if err != nil {
		return err
	}
	quota, err := n.cfg.Validator.QuotaBytes()
	if err != nil {
		return err
	}
	_, most := splitQuota(quota)
	fetcher := f
	fetcher.blobs = n.share(roleDocuments)
	n.documents = documents{fetcher, newDocumentCache(
		fetcher.blobs, store.NewTable[cachedDocument](n.home.DB, documentsTable), most, n.log)}
	oneCopyBytes, err := n.cfg.Seller.OneCopyBytes()
	if err != nil {
		return err
	}
	n.seller, err = seller.New(seller.Config{
		ChainID: n.cfg.Chain.ID, Account: n.Account(), Folder: filepath.Join(n.cfg.Home, home.DisclosedFolder),
		Ledger: n.chain, Prover: n.prover(), Wallet: n.wallet, Documents: n.documents, Blobs: f.blobs,
		Validators: asker{client: validation.NewClient(n.host, n.cfg.Chain.ID), peers: n.peers},
		Sales:      store.NewTable[model.Sale](n.home.DB, home.SalesTable), Data: store.NewTable[model.Data](n.home.DB, home.DataTable),
		Secrets: n.home.Secrets, Formats: n.formats, Engine: n.engine, Log: n.log,
		OneCopyFrom: oneCopyBytes, KeepDisclosed: n.cfg.Seller.KeepDisclosed,
		Marks: n.marks(), Seed: func(ctx context.Context) (seal.Seed, error) { return keys.DatasetSeed(ctx, n.home.Secrets) },
	})
	return err
}

func (n *Node) wireValidator(counters *transfer.Metrics) error {
	f, err := n.fetcher(pdx.RoleValidator, counters)
	if err != nil {
		return err
	}
	quota, err := n.cfg.Validator.QuotaBytes()
	if err != nil {
		return err
	}
	ciphertext, documents := splitQuota(quota)
	sets := recordsets.New(store.NewTable[recordsets.Record](n.home.DB, home.RecordSetsTable), documents)
	n.validator, err = validator.New(validator.Config{
		MaxKept: ciphertext, MaxDocuments: documents, NoPromise: !n.cfg.Validator.Promise,
		ChainID: n.cfg.Chain.ID, Account: n.Account(), Ledger: n.chain, Prover: n.prover(), Witnesses: witnesses[validator.Witness](n.chain),
		Fetcher: validatorFetcher{f}, Blobs: f.blobs,
		Vault: store.NewTable[validator.Record](n.home.DB, "validations"), Sets: sets, Recipients: n.recipients,
		Marks: n.marks(), Formats: n.formats, Engine: n.engine, Log: n.log,
	})
	if err != nil {
		return err
	}
	n.recordSets, err = recordsets.NewKeeper(recordsets.KeeperConfig{
		Account: n.Account(), Ledger: n.chain, Fetcher: validatorFetcher{f}, Blobs: f.blobs, Sets: sets, Log: n.log,
	})
	return err
}

func (n *Node) wireBuyer(counters *transfer.Metrics) error {
	f, err := n.fetcher(pdx.RoleBuyer, counters)
	if err != nil {
		return err
	}
	n.buyer, err = buyer.New(buyer.Config{
		ChainID: n.cfg.Chain.ID, Account: n.Account(), Ledger: n.chain, Prover: n.prover(), Witnesses: witnesses[buyer.Witness](n.chain),
		Pools: n.chain, Finder: finder{n.peers},
		Fetcher: buyerFetcher{f}, Blobs: f.blobs,
		Creations: store.NewTable[buyer.Creation](n.home.DB, home.PoolsTable), Orders: store.NewTable[model.PullOrder](n.home.DB, "orders"),
		Pulls: store.NewTable[model.Pull](n.home.DB, home.PullsTable), Secrets: n.home.Secrets, Log: n.log,
		Marks: n.marks(), Folder: filepath.Join(n.cfg.Home, home.PulledFolder),
		Formats: n.formats, Engine: n.engine, SignedAcks: n.signedAcks(), Transactions: n.chain, Documents: n.documents,
	})
	return err
}

// wireServers lists the parts in the order of their start: what others need
// first, what others reach last.
func (n *Node) wireServers(context.Context) (err error) {
	queue := n.validator.Queue()
	validators := answerer{n.validator}
	answers, err := validation.NewServer(validation.Config{
		Host: n.host, ChainID: n.cfg.Chain.ID, Handler: validators, Account: n.askers.Account,
		Slots: queue.Workers + queue.Slots, SlotsEach: queue.Each, Load: validators.load,
		Registerer: n.metrics, Metrics: n.drops, Log: n.log,
	})
	if err != nil {
		return err
	}
	perf, err := perf.NewServer(perf.Config{
		Host: n.host, ChainID: n.cfg.Chain.ID, Account: n.askers.Account, Metrics: n.drops, Log: n.log,
	})
	if err != nil {
		return err
	}
	acks, err := ack.NewServer(ack.Config{
		Host: n.host, ChainID: n.cfg.Chain.ID, Handler: ackTaker{n.seller}, Account: n.askers.Account, Metrics: n.drops, Log: n.log,
	})
	if err != nil {
		return err
	}
	n.lifecycle.Add("leftovers", n.sweep, func(context.Context) error { return nil })
	n.addServer("hello", n.hello)
	n.lifecycle.Add("discovery", n.discovery.Start, n.discovery.Stop)
	n.lifecycle.Add("topics", n.mesh.Start, n.mesh.Stop)
	n.addServer("transfer", n.server)
	n.addServer("perf", perf)
	n.lifecycle.Add("validator", n.validator.Start, n.validator.Stop)
	if n.cfg.Plays(pdx.RoleValidator) {
		n.addServer("validation", answers)
	}
	n.lifecycle.Add("buyer", n.buyer.Start, n.buyer.Stop)
	n.lifecycle.Add("seller", n.seller.Start, n.seller.Stop)
	n.addServer("acks", acks)
	return nil
}

// server is what answers the streams of a protocol.
type server interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// addServer adds the server of a protocol. Its handlers may read no whole table, and
// streams that its stop cuts off are no failure: their peers try again.
func (n *Node) addServer(name string, s server) {
	n.lifecycle.Add(name, func(ctx context.Context) error { return s.Start(serve(ctx)) }, func(ctx context.Context) error {
		return n.stopServer(ctx, s)
	})
}

// stopServer stops a server. A stream that had to be cut off is no failure.
func (n *Node) stopServer(ctx context.Context, s server) error {
	err := s.Stop(ctx)
	var cut *stream.CutError
	if errors.As(err, &cut) && cut.StillRunning == 0 {
		n.log.InfoContext(ctx, "streams cut off", "service", cut.Service, "streams", cut.Streams)
		return nil
	}
	return err
}

// wireLoops adds what runs by itself.
func (n *Node) wireLoops(context.Context) error {
	n.follower = &follower{
		chain: n.chain, cursor: store.NewCursor(n.home.DB, "chain"), wake: n.wake, jumped: n.compareAgain, log: n.log, skew: chainview.NewSkew(),
		book: n.book,
	}
	n.presence = presence.New(presence.Config{
		Discovery: n.discovery, Mesh: n.mesh, Met: n.peers.Met, Chain: n.chain, Account: n.Account(), Plays: n.cfg.Plays,
		Seller: n.seller, Buyer: n.buyer, Validator: n.validator, Hint: n.wakeRoles, Log: n.log,
	})
	n.obligation = &obligation{
		account: n.Account(), chain: n.chain, oblige: n.discovery.Oblige, changed: notify.New(), validate: n.cfg.Plays(pdx.RoleValidator),
		peer: n.host.ID().String(),
	}
	n.lifecycle.Loop("obligation", n.obligation.run)
	n.settings = &settings{started: n.cfg, upload: n.server.SetUpload, log: n.log, asked: notify.New()}
	n.lifecycle.Loop("settings", n.settings.run)
	n.lifecycle.Loop("damage", n.damage.run)
	n.lifecycle.Loop("presence", n.presence.Run)
	n.lifecycle.Loop("counterparties", n.parties.Run)
	n.lifecycle.Loop("dial buyers", n.dialBuyers)
	n.lifecycle.Loop("introduce", n.peers.IntroduceAgain)
	n.lifecycle.Loop("contact", n.keepContact)
	n.lifecycle.Loop("payouts", n.payLoop)
	n.lifecycle.Loop("record sets", n.recordSets.Run)
	n.lifecycle.Loop("proofs", n.proveLoop)
	n.lifecycle.Loop("clock", clockwatch.New(n.resume, n.log).Run)
	n.lifecycle.Loop("follower", n.follower.run)
	n.lifecycle.Loop("cleaning", func(ctx context.Context) { n.cleanUp(ctx, n.leftovers); n.leftovers = nil })
	return nil
}

// wake passes an event on chain to every part that may depend on it.
func (n *Node) wake(e pdx.Event) {
	n.wakeRoles(e)
	n.obligation.wake(e)
	if bringsSeeds(e) {
		n.discovery.Wake()
		n.parties.Wake()
	}
	n.presence.Wake(e)
	if e.Deal != 0 {
		n.mesh.Confirm(e.Deal)
	}
	if e.Kind == "EventCredited" {
		n.askPayout()
	}
}

// bringsSeeds reports whether an event puts addresses of a validator on chain, which a node
// without peers should dial at once.
func bringsSeeds(e pdx.Event) bool {
	return e.Kind == "EventValidatorRegistered" || e.Kind == "EventValidatorUpdated"
}

func (n *Node) wakeRoles(e pdx.Event) {
	n.seller.Wake(e)
	n.buyer.Wake(e)
	n.validator.Wake(e)
	n.recordSets.Wake(e)
}

func (n *Node) askPayout() {
	n.payouts.Set()
}

func (n *Node) wireAPI(context.Context) (err error) {
	service, err := api.New(api.Config{
		Account: n.Account(), Node: n, Paths: n.paths(), Transfers: n.transfers,
		Ledger: n.wallet, Validators: n.chain, Seller: n.seller, Buyer: n.buyer, Backups: n,
		Consents: consents{n.cfg.Chain.ID, n.keys, n.wallet}, Erasures: n.erasures, Book: n.book,
	})
	if err != nil {
		return err
	}
	if n.api, err = api.NewServer(api.ServerConfig{
		Socket: n.cfg.SocketPath(), Handler: service, Options: []connect.HandlerOption{api.WithPatience(patient{n.chain})},
	}); err != nil {
		return err
	}
	n.lifecycle.Add("api", n.api.Start, n.api.Stop)
	if n.cfg.API.Metrics != "" {
		page := metrics.NewPage(n.cfg.API.MetricsAddress(), n.metrics, func(ctx context.Context) []api.Health { return n.Status(ctx).Health })
		n.lifecycle.Add("metrics", page.Start, page.Stop)
	}
	return n.wireWeb(service)
}

// wireWeb adds the marketplace page.
func (n *Node) wireWeb(service *api.Service) error {
	if n.cfg.API.Web == "" {
		return nil
	}
	page, err := web.New(web.Config{
		Address: n.cfg.API.Web, Home: n.cfg.Home, API: service, Log: n.log,
		Options: []connect.HandlerOption{api.WithPatience(patient{n.chain})},
		Fees:    func() web.Fees { return pageFees(n.chain.Fees()) },
		Patient: func(ctx context.Context) context.Context { return patient{n.chain}.Patient(ctx, api.AskPatience) },
		Doctor: func(context.Context) []api.Health {
			found, _, _ := doctor.Home(n.cfg.Home)
			return found
		},
	})
	if err != nil {
		return err
	}
	n.lifecycle.Add("web", page.Start, page.Stop)
	return nil
}

// joinStop stops a partly wired node and joins both errors.
func joinStop(err error, n *Node) error { return errors.Join(err, n.Stop()) }

// pageFees are the fees that the page shows, of those of all messages.
func pageFees(of map[string]pdx.Amount) web.Fees {
	return web.Fees{
		NewPool: of["MsgCreatePool"], ClosePool: of["MsgClosePool"], WithdrawOffer: of["MsgWithdrawOffer"], Ack: of["MsgAck"],
		Withdrawal: of["MsgWithdraw"], Account: of["MsgAddBond"],
	}
}
