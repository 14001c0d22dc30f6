package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/config"
)

// configured loads a configuration of this text.
func configured(t *testing.T, text string) (config.Config, error) {
	t.Helper()
	home := t.TempDir()
	require.NoError(t, os.WriteFile(config.File(home), []byte(text), 0o600))
	return config.Load(home)
}

func TestTheFormerNameOfASettingIsRead(t *testing.T) {
	for text, want := range map[string]bool{
		"p2p: {private: true}":                        true,
		"p2p: {private: false}":                       false,
		"p2p: {private: true, local_network: true}":   true,
		"p2p: {private: false, local_network: false}": false,
	} {
		got, err := configured(t, text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.P2P.LocalNetwork, text)
		require.Len(t, got.Warnings, 1, text)
		require.Contains(t, got.Warnings[0], "p2p.private is now called p2p.local_network")
	}
	now, err := configured(t, "p2p: {local_network: true}")
	require.NoError(t, err)
	require.True(t, now.P2P.LocalNetwork)
	require.Empty(t, now.Warnings)
}

// Each setting that was renamed is read by its former name, and named in a warning.
func TestEveryFormerName(t *testing.T) {
	got, err := configured(t, "{p2p: {private: true}, validator: {room: 7GiB}, buyer: {vouchers: false}}")
	require.NoError(t, err)
	require.True(t, got.P2P.LocalNetwork)
	require.Equal(t, "7GiB", got.Validator.Quota)
	require.False(t, got.Buyer.SignedAcks)
	require.Len(t, got.Warnings, 3)
	for _, names := range []string{
		"buyer.vouchers is now called buyer.signed_acks", "p2p.private is now called p2p.local_network",
		"validator.room is now called validator.quota",
	} {
		require.Contains(t, strings.Join(got.Warnings, "\n"), names)
	}
	_, err = configured(t, "validator: {room: 7GiB, quota: 8GiB}")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, "validator.room")
	_, err = configured(t, "validator: {room: much}")
	require.ErrorContains(t, err, "validator.quota")
}

// An unknown setting is refused by name, with the nearest known one.
func TestUnknownSettingsAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"chain: {idd: x}":             "chain.idd: invalid: no such setting; the nearest is chain.id",
		"validator: {qouta: 1GiB}":    "validator.quota",
		"buyer: {signed_ack: true}":   "buyer.signed_acks",
		"p2p: {localnetwork: true}":   "p2p.local_network",
		"chain: {trust: {heigth: 1}}": "chain.trust.height",
	} {
		_, err := configured(t, text)
		require.ErrorIs(t, err, pdx.ErrInvalid, text)
		require.ErrorContains(t, err, want, text)
	}
}

func TestTheFormerNameInTheEnvironment(t *testing.T) {
	t.Setenv("PDX_P2P_PRIVATE", "true")
	got, err := configured(t, "p2p: {private: false}")
	require.NoError(t, err)
	require.True(t, got.P2P.LocalNetwork, "the environment goes before the file")
	require.Len(t, got.Warnings, 1)
	_, err = configured(t, "p2p: {local_network: false}")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, "PDX_P2P_PRIVATE")
}

func TestNamesThatContradictAreRefused(t *testing.T) {
	for _, text := range []string{
		"p2p: {private: true, local_network: false}", "p2p: {private: false, local_network: true}",
		"p2p: {private: true, local_network: perhaps}",
	} {
		_, err := configured(t, text)
		require.ErrorIs(t, err, pdx.ErrInvalid, text)
		require.ErrorContains(t, err, "p2p.private", text)
		require.ErrorContains(t, err, "p2p.local_network", text)
	}
	_, err := configured(t, "p2p: {private: perhaps}")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, "p2p.private")
	t.Setenv("PDX_P2P_LOCAL_NETWORK", "true")
	_, err = configured(t, "p2p: {private: false}")
	require.ErrorIs(t, err, pdx.ErrInvalid)
}
