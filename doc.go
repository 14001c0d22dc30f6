// Package pdx holds the words of the Panacea data exchange as types, and is the
// map of the module.
//
// A buyer opens a pool on chain: which data, by which criteria, how many, at
// what price; the money is in escrow. A seller keeps data on its own machine,
// seals the fields it discloses into a dataset and offers it. Validators
// certify it. The buyer pulls the ciphertext straight from the seller,
// acknowledges it, and the seller delivers the key on chain with a proof: key
// and payment change hands in one transaction, or not at all.
//
// The packages, from the ground up; a package imports those above it in this list,
// never those below. docs/architecture.md has the rules.
//
//	internal/addrgroup   which addresses are one customer's
//	internal/backoff     how long to wait before a try is repeated
//	internal/clockwatch  notices sleeps and stops, and jumps of the clock
//	internal/durable     files that survive a power cut
//	internal/fieldlies   for tests: values that differ from a true one in one field
//	internal/keylock     a lock for each key
//	internal/lifecycle   the parts of a program, and the goroutines of a service, from Start to Stop
//	internal/logfile     the newest lines of a log, in a folder
//	internal/need        what a configuration lacks
//	internal/notify      the signal by which one goroutine wakes another
//	internal/ratelimit   token buckets, one for each of a bounded number of keys
//	internal/repeat      a log in which a repeated warning comes at growing intervals
//	internal/workqueue   which of many jobs is worked on next
//	internal/text        foreign text made fit to be shown
//	internal/message     every text that people read, by language
//	exchange/group       the ristretto255 suite: elements, scalars, hashes
//	exchange/proof       linear-relation proofs
//	exchange/seal        dataset keys; sealing and opening of streams
//	exchange/bao         BLAKE3 tree, ranges, slices
//	exchange/attest      sign bytes and contexts that chain and node share
//	exchange/folder      a folder of files as one stream
//	exchange/dedup       fingerprints of records that were sold before
//	p2p/multiconn        a connection to a peer that consists of several
//	p2p/transport        what a node's connections are made of
//	p2p/version          why two nodes have no version of a protocol in common
//	p2p/connmgr          which connections are kept when there are too many
//	p2p/stream           the server kit for request/response protocols
//	p2p/relay            relaying for nodes that cannot be dialled
//	p2p/alive            connections whose path is gone are closed
//	p2p/access           which peers, addresses and accounts to have to do with
//	p2p/host             a node's libp2p host: ports, limits, reachability
//	criteria/fields      which part of a record a list of pointers means
//	criteria/internal/pattern   regular expressions of JSON Schema
//	criteria/internal/accept    a program that recognizes valid records
//	criteria/internal/ordered   batches worked on by several goroutines, taken in order
//	criteria/internal/findings  what is wrong with a record, by paths
//	criteria/format      what a format of data is; the formats, and their suite
//	criteria/rules       conditions in CEL on records and aggregates
//	criteria/flat        plain files of records: NDJSON, CSV, Parquet
//	criteria             what data a pool wants, and whether data are that
//	criteria/draft       documents to start from
//	criteria/explain     what a document wants, in plain words
//	criteria/importer    documents of other tools' schemas
//	criteria/sample      synthetic health records
//	criteria/jail        foreign bytes parsed and checked in a child process
//	transfer/blob        stores of blobs: the contract, fs, mem, and their suite
//	transfer/activity    what is moved, how fast, and what limits it
//	transfer/internal/plan    which worker fetches which segments of a blob
//	transfer/internal/ingest  what was received, verified and made durable
//	transfer/internal/retry   when a peer that failed is asked again
//	transfer/perf        round trip and rate of the way to a peer
//	transfer             the wire protocol that moves blobs
//	discovery/identity   which account speaks through a peer, proven
//	discovery/gossip     what the members of a pool tell each other
//	discovery/netdb      what is kept of the network, on disk and capped
//	discovery            who is in a pool, by a DHT
//	chain/x/datapool     the Cosmos SDK module
//	chain/endpoints      where a development chain listens
//	chain/client/light   what a chain holds, proven
//	chain/receipt        what a chain recorded of a deal, proven without it
//	chain/client/internal/silence  notices that an endpoint does not answer
//	chain/client         the ledger as a node sees it
//	chain/app            a Panacea-compatible chain
//	chain/localnet       that chain in one process, for development
//	node/model           what the roles and the API exchange
//	node/watch           a map whose readers see what changes
//	node/validation      the wire protocol by which a validator is asked
//	node/ack             the wire protocol by which an ack is handed over off chain
//	node/store           what a node must remember: the contract, sqlite, and their suite
//	node/keys            what a node signs with
//	node/adopt           a role compares its deals with the chain
//	node/consent         signed records of what a seller agreed to
//	node/erasure         a seller asks a buyer to delete what it sold
//	node/book            what an account paid and received
//	node/{seller,validator,buyer}  the three roles
//	node/seller/internal/records   data of a seller, and what is disclosed of it
//	node/buyer/internal/output     what was bought, as files of a folder
//	node/buyer/internal/plain      the same as plain files for any tool, merged
//	node/backup          a home in one encrypted file
//	node/api             the local API
//	node/web             the marketplace page
//	node/procs           a chain and nodes as processes of one folder
//	node/config          a node's settings
//	node/home            a node's folder: create, open, back up, restore
//	node/chainview       the last known values of the chain, for a status
//	node/metrics         metrics for Prometheus
//	node/recordsets      record sets of open pools that this node keeps and serves
//	node/ties            which accounts may learn a node's account
//	node/relaying        when to relay, and whom to ask for it
//	node/avoided         peers that a search tried in vain
//	node/peers           which peer speaks for an account
//	node/presence        announces the node where it plays a role
//	node/health          what is wrong with a node, and what to do about it
//	node/doctor          the same of a home, whether its daemon runs or not
//	node/move            a home moves to another account
//	node/reach           the ways to a peer: found, tried, measured
//	node                 wiring
//	cmd/pdx              daemon and command line
//	cmd/pdx-localnet     the development chain as a program
//	integration          tests of the whole market
//	integration/bench    what things cost, as ratios within one run
//
// What goes over wires and onto the chain is specified in docs/spec, for people
// who write another implementation.
//
// This package imports the standard library only. All its types are plain
// values; nothing in it is safe or unsafe for concurrent use by itself.
package pdx
