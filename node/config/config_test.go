package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/config"
)

func TestConfigSurvivesItsFile(t *testing.T) {
	want := config.Default(t.TempDir())
	want.Chain.Poll = 200 * time.Millisecond
	want.P2P.QUIC = false
	want.P2P.Bootstrap = []string{"/ip4/127.0.0.1/tcp/1/p2p/12D3KooWBmwkafWE2fqfzS96VoTZgpGp6aJsF4N6eZs6fZ9JjAYK"}
	require.NoError(t, want.Save())
	got, err := config.Load(want.Home)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.ErrorIs(t, want.Save(), os.ErrExist, "a configuration is never overwritten")
}

func TestEnvironmentGoesBeforeTheFile(t *testing.T) {
	t.Setenv("PDX_CHAIN_MAX_FEE", "3MED")
	t.Setenv("PDX_P2P_QUIC", "false")
	t.Setenv("PDX_ROLES", "seller,validator")
	t.Setenv("PDX_HOME", "/elsewhere")
	t.Setenv("PDX_BLOBS", "/mnt/blobs")
	got, err := config.Load(t.TempDir())
	require.NoError(t, err)
	require.Equal(t, "3MED", got.Chain.MaxFee)
	require.False(t, got.P2P.QUIC)
	require.True(t, got.Plays(pdx.RoleSeller))
	require.False(t, got.Plays(pdx.RoleBuyer))
	require.Equal(t, "/mnt/blobs", got.Blobs)
}

// hash is that of a header.
const hash = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"

func TestTrustFromTheEnvironment(t *testing.T) {
	t.Setenv("PDX_CHAIN_TRUST_HEIGHT", "7")
	t.Setenv("PDX_CHAIN_TRUST_HASH", hash)
	t.Setenv("PDX_CHAIN_TRUST_PERIOD", "24h")
	t.Setenv("PDX_CHAIN_ENDPOINTS", "a:1 http://a:2,https://b:3 https://b:4")
	got, err := config.Load(t.TempDir())
	require.NoError(t, err)
	require.Equal(t, config.Trust{Height: 7, Hash: hash, Period: 24 * time.Hour}, got.Chain.Trust)
	require.Equal(t, []string{"a:1 http://a:2", "https://b:3 https://b:4"}, got.Chain.Endpoints)
}

func TestBadConfigNamesTheSetting(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"not yaml":        {"chain: [", "config.yaml"},
		"wrong type":      {"p2p: {quic: perhaps}", "quic"},
		"unknown setting": {"chain: {idd: x}", "chain.idd"},
		"role":            {"roles: [miner]", "miner"},
		"listen":          {"p2p: {listen: [localhost:80]}", "p2p.listen"},
		"udp only":        {"p2p: {listen: [/ip4/0.0.0.0/udp/0/quic-v1]}", "p2p.listen"},
		"no listen":       {"p2p: {listen: []}", "p2p.listen"},
		"listen, ws":      {"p2p: {listen: [/ip4/0.0.0.0/tcp/4002/ws]}", "p2p.websocket"},
		"websocket":       {"p2p: {websocket: [/ip4/0.0.0.0/tcp/4002]}", "p2p.websocket"},
		"websocket, tls":  {"p2p: {websocket: [/ip4/0.0.0.0/tcp/4002/tls/ws]}", "p2p.websocket"},
		"websocket, name": {"p2p: {websocket: [/dns4/example.org/tcp/443/ws]}", "p2p.websocket"},
		"dht":             {"p2p: {dht: both}", "p2p.dht"},
		"dht, empty":      {`p2p: {dht: ""}`, "p2p.dht"},
		"fee":             {"chain: {max_fee: 1BTC}", "chain.max_fee"},
		"upload rate":     {"upload: {rate: 10}", "upload.rate"},
		"upload hours":    {"upload: {hours: [always]}", "upload.hours"},
		"level":           {"log: {level: loud}", "log.level"},
		"log format":      {"log: {format: xml}", "log.format"},
		"web elsewhere":   {"api: {web: 0.0.0.0:8780}", "api.web"},
		"web no port":     {"api: {web: localhost}", "api.web"},
		"chain":           {`chain: {grpc: ""}`, "chain.grpc"},
		"no grpc port":    {`chain: {grpc: localhost}`, "chain.grpc"},
		"no rpc scheme":   {`chain: {rpc: "127.0.0.1:26657"}`, "chain.rpc"},
		"endpoint":        {`chain: {endpoints: ["127.0.0.1:9090"]}`, "chain.endpoints"},
		"endpoint's grpc": {`chain: {endpoints: ["localhost http://127.0.0.1:26657"]}`, "chain.endpoints"},
		"endpoint's rpc":  {`chain: {endpoints: ["127.0.0.1:9090 127.0.0.1:26657"]}`, "chain.endpoints"},
		"trust, no hash":  {`chain: {trust: {height: 7}}`, "chain.trust.hash"},
		"trust, bad hash": {`chain: {trust: {height: 7, hash: "0xabc"}}`, "chain.trust.hash"},
		"trust, height":   {`chain: {trust: {hash: "` + hash + `"}}`, "chain.trust.height"},
		"trust, period":   {`chain: {trust: {height: 7, hash: "` + hash + `", period: 1m}}`, "chain.trust.period"},
		"trust and none":  {`chain: {trust: {height: 7, hash: "` + hash + `", none: true}}`, "chain.trust.none"},
		"no such trust":   {`chain: {trust: {hsah: "` + hash + `"}}`, "chain.trust.hsah"},
		"no poll":         {`chain: {poll: 0s}`, "chain.poll"},
		"not a duration":  {`chain: {poll: fast}`, "chain.poll"},
		"no peer id":      {`p2p: {bootstrap: [/ip4/1.2.3.4/tcp/4]}`, "p2p.bootstrap"},
		"too many names":  {`p2p: {bootstrap: [` + strings.Repeat("/dnsaddr/example.org, ", 9) + `]}`, "p2p.bootstrap"},
		"no peering id":   {`p2p: {peering: [/ip4/1.2.3.4/tcp/4]}`, "p2p.peering"},
		"allow nobody":    {`p2p: {allow: [nobody]}`, "p2p.allow"},
		"deny half a net": {`p2p: {deny: [10.0.0.0/99]}`, "p2p.deny"},
		"few connections": {`p2p: {low_connections: 3}`, "p2p.low_connections"},
		"high below low":  {`p2p: {high_connections: 100}`, "p2p.high_connections"},
		"address, none":   {`p2p: {address_connections: 0}`, "p2p.address_connections"},
		"relay, who":      {`relay: {serve: perhaps}`, "relay.serve"},
		"relay, whose":    {`relay: {use: all}`, "relay.use"},
		"relay, none":     {`relay: {reservations: 0}`, "relay.reservations"},
		"relay, bytes":    {`relay: {account_bytes: much}`, "relay.account_bytes"},
		"relay, slow":     {`relay: {rate: 1KiB}`, "relay.rate"},
		"relative socket": {`api: {socket: pdx.sock}`, "api.socket"},
		"metrics port":    {`api: {metrics: localhost}`, "api.metrics"},
		"no quota":        {`validator: {quota: much}`, "validator.quota"},
		"little quota":    {`validator: {quota: 1KiB}`, "validator.quota"},
		"half a promise":  {`validator: {promise: perhaps}`, "validator.promise"},
		"half an ack":     {`buyer: {signed_acks: perhaps}`, "buyer.signed_acks"},
		"no such blobs":   {`blobs: "s4://key:secret@host/bucket"`, `blobs = "s4://…"`},
		"no such state":   {`state: "mysql://me:secret@host/db"`, "sqlite://…"},
		"blobs on a host": {`blobs: "file://host/path"`, "file:///absolute/path"},
		"empty state":     {`state: ""`, "remove the setting"},
		"control bytes":   {"\x00\x01", "config.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			require.NoError(t, os.WriteFile(config.File(home), []byte(c.text), 0o600))
			_, err := config.Load(home)
			require.ErrorIs(t, err, pdx.ErrInvalid)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "\n")
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestBadEnvironmentIsNamed(t *testing.T) {
	t.Setenv("PDX_CHAIN_POLL", "fast")
	_, err := config.Load(t.TempDir())
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, "PDX_CHAIN_POLL")
}

func TestEmptyListInTheEnvironment(t *testing.T) {
	t.Setenv("PDX_ROLES", "")
	got, err := config.Load(t.TempDir())
	require.NoError(t, err)
	require.Empty(t, got.Roles)
}

// TestGuideListsEverySetting keeps the guide true: each setting with its
// environment variable and default, and no other.
func TestGuideListsEverySetting(t *testing.T) {
	raw, err := os.ReadFile("../../docs/guides/configuration.md")
	require.NoError(t, err)
	documented := map[string]string{}
	rows := regexp.MustCompile("(?m)^\\| `([a-z0-9_.]+)` \\| `([A-Z0-9_]+)` \\| (.*?) \\|")
	for _, row := range rows.FindAllStringSubmatch(string(raw), -1) {
		require.Equal(t, "PDX_"+strings.ToUpper(strings.ReplaceAll(row[1], ".", "_")), row[2])
		documented[row[1]] = row[3]
	}
	k := koanf.New(".")
	require.NoError(t, k.Load(structs.Provider(config.Default(""), "koanf"), nil))
	defaults := map[string]string{}
	for _, key := range k.Keys() {
		defaults[key] = defaultText(k.Get(key))
	}
	require.Equal(t, defaults, documented)
}

func defaultText(value any) string {
	text := fmt.Sprint(value)
	if list, ok := value.([]string); ok {
		text = strings.Join(list, ",")
	}
	if text == "" {
		return "empty"
	}
	return "`" + text + "`"
}

// Each prefix of a file that was written here is refused or the whole file.
func TestFileCutOffIsRefused(t *testing.T) {
	cfg := config.Default(t.TempDir())
	require.NoError(t, cfg.Save())
	whole, err := os.ReadFile(config.File(cfg.Home))
	require.NoError(t, err)
	for n := 1; n < len(whole)-1; n++ {
		require.NoError(t, os.WriteFile(config.File(cfg.Home), whole[:n], 0o600))
		_, err := config.Load(cfg.Home)
		require.ErrorIs(t, err, pdx.ErrInvalid, "%d bytes", n)
		require.ErrorContains(t, err, "cut off", "%d bytes", n)
	}
	for _, end := range []string{"", "\n", "\r\n\n"} {
		require.NoError(t, os.WriteFile(config.File(cfg.Home), append(whole[:len(whole)-1:len(whole)-1], end...), 0o600))
		got, err := config.Load(cfg.Home)
		require.NoError(t, err)
		require.Equal(t, cfg.Chain, got.Chain)
		require.False(t, got.Unmarked)
	}
}

func TestFileWithoutEndMarkerStarts(t *testing.T) {
	home := t.TempDir()
	for text, unmarked := range map[string]bool{
		"log: {level: warn}\n": true, "log: {level: warn}\n...\n": false, "# mine\r\nlog: {level: warn}\r\n...": false,
	} {
		require.NoError(t, os.WriteFile(config.File(home), []byte(text), 0o600))
		got, err := config.Load(home)
		require.NoError(t, err, text)
		require.Equal(t, "warn", got.Log.Level)
		require.Equal(t, unmarked, got.Unmarked, text)
	}
}

func TestNeedRestartNamesWhatIsNotReloaded(t *testing.T) {
	was := config.Default(t.TempDir())
	now := was
	now.Log.Level, now.Upload.Rate = "debug", "1MiB"
	names, err := was.NeedRestart(now)
	require.NoError(t, err)
	require.Empty(t, names)
	now.P2P.Listen, now.Chain.GRPC, now.Log.Format = []string{"/ip4/127.0.0.1/tcp/1"}, "other:1", config.LogJSON
	names, err = was.NeedRestart(now)
	require.NoError(t, err)
	require.Equal(t, []string{"chain.grpc", "log.format", "p2p.listen"}, names)
}

func TestMetricsWithoutHostAreForThisMachine(t *testing.T) {
	for given, want := range map[string]string{
		":9100": "127.0.0.1:9100", "0.0.0.0:9100": "0.0.0.0:9100", "[::1]:9100": "[::1]:9100", "": "",
	} {
		require.Equal(t, want, config.API{Metrics: given}.MetricsAddress(), given)
	}
}

func TestNetworkKey(t *testing.T) {
	cfg := config.Default(t.TempDir())
	key, err := cfg.NetworkKey()
	require.NoError(t, err)
	require.Nil(t, key)
	cfg.P2P.PrivateNetwork = "swarm.key"
	_, err = cfg.NetworkKey()
	require.ErrorIs(t, err, pdx.ErrInvalid)
	path := filepath.Join(cfg.Home, "swarm.key")
	require.NoError(t, os.WriteFile(path, []byte("secret"), 0o600))
	_, err = cfg.NetworkKey()
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, "/key/swarm/psk/1.0.0/")
	require.NoError(t, os.WriteFile(path, []byte("/key/swarm/psk/1.0.0/\n/base16/\n"+strings.Repeat("0123456789abcdef", 4)+"\n"), 0o600))
	key, err = cfg.NetworkKey()
	require.NoError(t, err)
	require.Len(t, key, 32)
}
