package identity_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
)

// The vector of docs/spec/network.md.
func TestVector(t *testing.T) {
	speaker, err := peer.Decode("12D3KooWB7isr6Mb6WaeTKpZDkViJxbLepe1Jhd1Wo5cTXh8VeAF")
	require.NoError(t, err)
	reader, err := peer.Decode("12D3KooWLS2gLKHbx5zfgYL9pf87v9ZFax9NKgQyYNymTgDdcizr")
	require.NoError(t, err)
	nonce := make([]byte, 32)
	for i := range nonce {
		nonce[i] = byte(i)
	}
	terms := identity.Terms{ChainID: "panacea-3", Peer: speaker, Audience: reader, Nonce: nonce}
	b, err := identity.Bind(identitytest.New("alice"), terms, time.Unix(1800000000, 0).Add(-identity.Lifetime))
	require.NoError(t, err)
	require.Equal(t, "panacea13xmp2j5ygcq8rta5203vwufpgk94dq78dkjxvg", b.GetAccount())
	require.Equal(t, "0359bc445819c2bc02536ed2c47c13107be6cc70c834b2f142729b9dfa6dd52e94", hex.EncodeToString(b.GetPublicKey()))
	require.Equal(t, "0936f784a2c39e8e532a7fb97200d88889c7c687c450bfd115727ecab733c457"+
		"440ade8e6a7af85d850df3c6853ca24af79d6c9fd792d8ff7139550d506c325f", hex.EncodeToString(b.GetSignature()))
	require.EqualValues(t, 1800000000, b.GetExpiry())
}
