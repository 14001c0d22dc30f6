package gossip

import (
	"net"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
)

// Scores of peers. Time in the mesh and first deliveries earn at most 10; every
// invalid message costs the square of their number times 20, so that the third
// silences gossip (180), the fourth publishing (320) and the fifth everything
// (500), until the score recovers within hours. Pools are quiet: a peer that
// delivers little loses nothing. A peer that conduct silences is below all thresholds.
const (
	timeInMeshWeight = 0.01 // a minute in the mesh; an hour counts
	firstWeight      = 0.5  // a notice told first; 20 count
	invalidWeight    = -20

	gossipThreshold   = -100
	publishThreshold  = -200
	graylistThreshold = -400

	// Peers behind one address beyond this many cost each the square of the
	// excess times 5: a hospital's network fits, a swarm of made-up peers does not.
	peersPerAddress = 16
	addressWeight   = -5

	// Breaches of the mesh protocol beyond this many cost the square of the
	// excess times 10.
	breachesAllowed = 6
	breachWeight    = -10

	decayInterval = time.Second
	decayToZero   = 0.01
	retainScore   = time.Hour
)

func scores(silenced func(peer.ID) float64) (*pubsub.PeerScoreParams, *pubsub.PeerScoreThresholds) {
	params := &pubsub.PeerScoreParams{
		Topics:                      make(map[string]*pubsub.TopicScoreParams),
		AppSpecificScore:            silenced,
		AppSpecificWeight:           1,
		IPColocationFactorWeight:    addressWeight,
		IPColocationFactorThreshold: peersPerAddress,
		IPColocationFactorWhitelist: localNetworks(),
		BehaviourPenaltyWeight:      breachWeight,
		BehaviourPenaltyThreshold:   breachesAllowed,
		BehaviourPenaltyDecay:       pubsub.ScoreParameterDecay(10 * time.Minute),
		DecayInterval:               decayInterval,
		DecayToZero:                 decayToZero,
		RetainScore:                 retainScore,
		SeenMsgTTL:                  seenTTL,
	}
	return params, &pubsub.PeerScoreThresholds{
		GossipThreshold:             gossipThreshold,
		PublishThreshold:            publishThreshold,
		GraylistThreshold:           graylistThreshold,
		AcceptPXThreshold:           10, // unused: peers are found by discovery
		OpportunisticGraftThreshold: 1,
	}
}

func topicScore() *pubsub.TopicScoreParams {
	return &pubsub.TopicScoreParams{
		TopicWeight:                    1,
		TimeInMeshWeight:               timeInMeshWeight,
		TimeInMeshQuantum:              time.Minute,
		TimeInMeshCap:                  60,
		FirstMessageDeliveriesWeight:   firstWeight,
		FirstMessageDeliveriesDecay:    pubsub.ScoreParameterDecay(10 * time.Minute),
		FirstMessageDeliveriesCap:      20,
		InvalidMessageDeliveriesWeight: invalidWeight,
		InvalidMessageDeliveriesDecay:  pubsub.ScoreParameterDecay(2 * time.Hour),
	}
}

// localNetworks are exempt from the limit per address: many nodes of one
// machine, or behind one private router, are ordinary there.
func localNetworks() []*net.IPNet {
	var nets []*net.IPNet
	for _, cidr := range []string{"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10"} {
		_, n, err := net.ParseCIDR(cidr)
		if err != nil {
			panic(err) // constants
		}
		nets = append(nets, n)
	}
	return nets
}
