package discovery

import (
	"time"

	"github.com/libp2p/go-libp2p-kad-dht/amino"

	"github.com/medibloc/pdx/p2p/transport"
)

const (
	// DefaultFindLimit is the largest number of peers that a search returns by default.
	// Gossip in a pool's topic needs 6 to 12 peers and a pull uses a handful of sources, but
	// anybody can announce any number of made-up peers: a search must reach past them.
	// A provider response holds up to 4 MiB of peers; 256 results with 16 addresses of about
	// 60 bytes are 250 KiB.
	DefaultFindLimit = 256
	// maxFindLimit bounds Options.FindLimit.
	maxFindLimit = DefaultFindLimit
	// maxCollected bounds the peers among which a search chooses. The 20 servers of a key
	// answer with 64 each; 1,024 with 16 addresses are 1 MiB while the search runs.
	maxCollected = 1024
	// maxLocated bounds the peers of a result that were reported without addresses and are
	// looked up, all at the same time, for at most locateTimeout. Honest servers report
	// addresses.
	maxLocated    = 8
	locateTimeout = 10 * time.Second
	// maxPeerAddrs bounds the addresses kept of one found peer: TCP and QUIC on
	// four interfaces, in two families.
	maxPeerAddrs = 16
	// findTimeout ends a search that the network does not answer. A lookup takes
	// log2(peers) rounds of at most 10 s, normally far below 1 s each.
	findTimeout = 30 * time.Second
	// readyTimeout is how long a search waits for the first peer of an empty
	// routing table: one dial and one identify.
	readyTimeout = 5 * time.Second

	// reprovideInterval is how often each announcement is renewed, and
	// provideValidity how long it is believed: two renewals may fail in a row
	// before a present peer goes missing, and a gone one is remembered for at
	// most half a day.
	reprovideInterval = 4 * time.Hour
	provideValidity   = 3 * reprovideInterval
	// maxReprovideDelay is how late a region may be: a tenth of the interval.
	maxReprovideDelay = reprovideInterval / 10
	// addressesSettle is how long addresses stay the same before everything is announced with
	// them, since a node that starts learns of its addresses one after the other.
	// addressesRest is the least time between two such rounds.
	addressesSettle, addressesRest = 2 * time.Second, 30 * time.Second
	// keystoreBatch bounds one write of the sweeping provider's key store; the
	// library's own 16,384 is meant for hundreds of millions of keys.
	keystoreBatch = 1024

	// maxSeeds bounds the peers remembered for bootstrapping; the chain may have
	// more validators than anybody needs to know.
	maxSeeds = 256
	// maxNamed bounds the addresses for which one DNS name stands, and maxNameSteps how many
	// names lead to one of them.
	maxNamed, maxNameSteps = 64, 4
	// dialsPerRound is how many seeds are tried at once, at random: two answers
	// are enough, most of the time most of them answer.
	dialsPerRound = 8
	// dialsLost is how many peers that have left the routing table are dialled every idleTick:
	// after a partition each node has somebody of the other side again within a minute.
	dialsLost = 2
	// fewPeers is the size of a routing table below which seeds are still dialled:
	// two or three peers may be an island that knows only itself.
	fewPeers = 4
	// dialTimeout bounds one dial: TCP, Noise and identify over a bad path.
	dialTimeout = 10 * time.Second
	// seedsTimeout bounds one question for seeds.
	seedsTimeout = 10 * time.Second
	// redialMin and redialMax bound the pause between rounds of dials while there
	// are too few peers; it doubles from one to the other.
	redialMin = time.Second
	redialMax = time.Minute
	// emptyTick is how often an empty routing table is looked at: the DHT
	// reports no event when it takes a peer in. Reading its size costs nothing.
	emptyTick = 100 * time.Millisecond
	// idleTick is the same for a filled one, where disconnects wake the loop.
	idleTick = 30 * time.Second

	// rememberInterval is how often the routing table is written down, some 200
	// peers: what a kill loses.
	rememberInterval = 5 * time.Minute

	// What the DHT serves costs its asker tokens: one for each request and for each
	// requestUnit bytes of it, and one for each answerUnit bytes of the answer. A
	// request costs about 0.3 ms of one core with its write, so that peerRate is
	// 3 % of a core.
	//
	// An honest node sends most when it announces 10,000 keys to a network so small
	// that every server holds all of them: 10,000 requests of about 200 bytes at
	// once, every reprovideInterval. peerBurst lets it through without a pause,
	// and peerRate has refilled it after 2 minutes. Beyond that the stream is read
	// at peerRate, which loses nothing: the sender waits.
	peerRate, peerBurst = 100, 12_000
	// groupRate and groupBurst let four such nodes share an address.
	groupRate, groupBurst   = 4 * peerRate, 4 * peerBurst
	requestUnit, answerUnit = 512, 1024
	// maxDelay is the longest wait for tokens; whoever has more streams or larger
	// messages under way has its stream reset. It is below the 10 s that senders
	// wait for an answer.
	maxDelay = 5 * time.Second
	// maxMessage bounds a request in bytes. The longest honest one announces all
	// addresses of a node: 50 of 120 bytes with their certificate hashes.
	maxMessage = 16 << 10
	// maxPeerStreams bounds the DHT streams of one peer: it uses one at a time, and
	// may not have noticed that an older one was reset. maxGroupStreams lets a
	// hundred nodes share an address, and leaves most of the 512 and more streams
	// that the resource manager allows the protocol to others.
	maxPeerStreams, maxGroupStreams = 4, 128
	// streamMemory is reserved for a served stream: a request as it is read and as
	// it is decoded, and the reader's buffer.
	streamMemory = 2*maxMessage + 4096
	// trackedPeers is how many token buckets are kept for peers and as many for
	// groups, 100 bytes each: many times the connections of a node.
	trackedPeers = 4096

	// maxLeft bounds the peers whose addresses are kept after they disconnected, and
	// maxGroupLeft those of one address group: with throw-away peer ids an address
	// could else fill the peerstore and keep others' addresses out.
	maxLeft      = transport.MaxLeft
	maxGroupLeft = 64

	// localPeersQueue bounds peers found by mDNS that wait to be dialled; more
	// are dropped and found again at their next announcement.
	localPeersQueue = 16

	// maxGroupPerBucket and maxGroupInTable bound the routing-table peers of one
	// address group (IPv4 /16, IPv6 autonomous system): the public IPFS DHT's values.
	maxGroupPerBucket = amino.DefaultMaxPeersPerIPGroupPerCpl
	maxGroupInTable   = amino.DefaultMaxPeersPerIPGroup

	// maxChainID bounds a chain id; the consensus engine's own limit is 50.
	maxChainID = 50
)
