package pdx_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/medibloc/pdx"

// rows are the folders of the module from the ground up, as docs/architecture.md
// has them. A package imports those of lower rows. Within one row it may import
// those that stand to its left and have its first folder.
var rows = [][]string{
	{"."},
	{
		"contrib",
		"internal/addrgroup", "internal/backoff", "internal/clockwatch", "internal/durable", "internal/fieldlies", "internal/keylock",
		"internal/lifecycle", "internal/logfile", "internal/need", "internal/notify", "internal/ratelimit", "internal/repeat", "internal/text",
		"internal/message", "internal/workqueue",
	},
	{
		"exchange/group", "exchange/proof", "exchange/seal", "exchange/bao", "exchange/attest", "exchange/folder", "exchange/dedup",
		"p2p/multiconn", "p2p/transport", "p2p/version", "p2p/connmgr", "p2p/stream", "p2p/relay", "p2p/alive", "p2p/access", "p2p/host",
	},
	{
		"criteria/internal", "criteria/fields", "criteria/format", "criteria/rules", "criteria/flat", "criteria",
		"criteria/draft", "criteria/explain", "criteria/importer", "criteria/sample", "criteria/jail",
		"transfer/transferpb", "transfer/blob", "transfer/activity", "transfer/internal", "transfer/perf", "transfer",
		"discovery/discoverypb", "discovery/identity", "discovery/gossip", "discovery/netdb", "discovery",
		"chain/x/datapool/types", "chain/x/datapool/keeper", "chain/x/datapool",
		"chain/endpoints", "chain/client/light", "chain/receipt", "chain/client", "chain/app", "chain/localnet",
	},
	{
		"node/model",
		"node/watch",
		"node/validation",
		"node/ack",
		"node/store",
		"node/keys",
		"node/adopt",
		"node/consent",
		"node/erasure",
		"node/book",
	},
	{
		"node/recordsets", "node/seller", "node/validator", "node/buyer", "node/backup", "node/api", "node/web", "node/procs",
		"node/config", "node/home", "node/chainview",
		"node/ties", "node/relaying", "node/avoided", "node/peers", "node/presence",
		"node/metrics", "node/health", "node/doctor", "node/move", "node/reach",
	},
	{"node"},
	{"cmd", "integration", "tools"},
}

// unreachable are packages and what they must not reach, not even through others.
var unreachable = []struct {
	packages []string
	banned   []string
	why      string
}{
	{
		packages: []string{".", "./exchange/...", "./criteria/..."},
		banned:   []string{"github.com/libp2p/", "github.com/cosmos/cosmos-sdk", "github.com/cometbft/", "google.golang.org/grpc"},
		why:      "pure packages reach no network and no chain SDK",
	},
	{
		packages: []string{"./node/seller", "./node/validator", "./node/buyer"},
		banned:   []string{"github.com/libp2p/", "github.com/cosmos/cosmos-sdk", module + "/chain", module + "/discovery", module + "/transfer"},
		why:      "roles are state machines over interfaces that they declare",
	},
	{
		packages: []string{"./node/api"},
		banned:   []string{module + "/node/seller", module + "/node/validator", module + "/node/buyer"},
		why:      "what the API shows of roles is in node/model",
	},
	{
		packages: []string{"./transfer/...", "./discovery/...", "./p2p/..."},
		banned:   []string{"github.com/cosmos/cosmos-sdk", "github.com/cometbft/", module + "/chain", module + "/node"},
		why:      "transfer and discovery know no chain; they meet it in node",
	},
	{
		packages: []string{"./chain/x/datapool/..."},
		banned: []string{
			"github.com/libp2p/", module + "/node", module + "/discovery", module + "/transfer", module + "/p2p", module + "/internal",
		},
		why: "the module drops into a chain that knows no peers: of ours it needs package pdx and exchange",
	},
	{
		packages: []string{"./cmd/pdx"},
		banned: []string{
			module + "/chain/app", module + "/chain/localnet", module + "/chain/x/datapool/keeper", "github.com/cometbft/cometbft/node",
		},
		why: "the node does not link the chain",
	},
}

// TestRows holds every import of the module against the rows.
func TestRows(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		from := within(fields[0])
		for _, imported := range fields[1:] {
			if imported != module && !strings.HasPrefix(imported, module+"/") {
				continue
			}
			to := within(imported)
			require.True(t, mayImport(t, from, to), "%s imports %s, which is not below it", from, to)
		}
	}
}

func within(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

func mayImport(t *testing.T, from, to string) bool {
	t.Helper()
	fromRow, fromAt, fromFolder := seat(t, from)
	toRow, toAt, toFolder := seat(t, to)
	first := func(path string) string { f, _, _ := strings.Cut(path, "/"); return f }
	return toRow < fromRow || toFolder == fromFolder ||
		toRow == fromRow && toAt < fromAt && first(to) == first(from)
}

// seat is where the rows have a package, by the longest folder that has it.
func seat(t *testing.T, path string) (row, at int, folder string) {
	t.Helper()
	for r, folders := range rows {
		for i, f := range folders {
			if (path == f || f != "node" && strings.HasPrefix(path, f+"/")) && len(f) > len(folder) {
				row, at, folder = r, i, f
			}
		}
	}
	require.NotEmpty(t, folder, "%s is in no row: add it here and in docs/architecture.md", path)
	return row, at, folder
}

// TestArrowsPointDown walks what each package links, by go list -deps.
func TestArrowsPointDown(t *testing.T) {
	for _, rule := range unreachable {
		for _, pkg := range rule.packages {
			t.Run(pkg, func(t *testing.T) {
				for _, dep := range deps(t, pkg) {
					for _, banned := range rule.banned {
						require.False(t, strings.HasPrefix(dep, banned), "%s reaches %s: %s", pkg, dep, rule.why)
					}
				}
			})
		}
	}
}

// stable are the packages of the chain's stack that x/datapool may name: those that
// stay the same over versions of the SDK. Others come and go with them.
var stable = []string{
	"cosmossdk.io/api/amino", "cosmossdk.io/api/cosmos/autocli/v1", "cosmossdk.io/api/cosmos/msg/v1",
	"cosmossdk.io/collections", "cosmossdk.io/collections/codec",
	"cosmossdk.io/collections/indexes", "cosmossdk.io/core/address", "cosmossdk.io/core/appmodule", "cosmossdk.io/core/store",
	"cosmossdk.io/depinject", "cosmossdk.io/errors", "cosmossdk.io/math", "cosmossdk.io/store/types",
	"github.com/cosmos/cosmos-proto", "github.com/cosmos/gogoproto/",
	"github.com/cosmos/cosmos-sdk/client", "github.com/cosmos/cosmos-sdk/client/flags", "github.com/cosmos/cosmos-sdk/client/tx",
	"github.com/cosmos/cosmos-sdk/codec", "github.com/cosmos/cosmos-sdk/codec/",
	"github.com/cosmos/cosmos-sdk/telemetry", "github.com/cosmos/cosmos-sdk/types", "github.com/cosmos/cosmos-sdk/types/",
}

// TestTheModuleDropsIn holds what the module imports itself against the stable set.
func TestTheModuleDropsIn(t *testing.T) {
	for _, pkg := range []string{"./chain/x/datapool", "./chain/x/datapool/keeper", "./chain/x/datapool/types"} {
		out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, pkg).Output()
		require.NoError(t, err)
		for _, dep := range strings.Fields(string(out)) {
			ofChain := slices.ContainsFunc([]string{"cosmossdk.io/", "github.com/cosmos/", "github.com/cometbft/"}, func(stack string) bool {
				return strings.HasPrefix(dep, stack)
			})
			allowed := slices.ContainsFunc(stable, func(s string) bool {
				return dep == s || strings.HasSuffix(s, "/") && strings.HasPrefix(dep, s)
			})
			require.True(t, !ofChain || allowed, "%s imports %s, which is not the same on other versions of the SDK", pkg, dep)
		}
	}
}

// TestWordsImportStandardLibraryOnly keeps the root package the ground floor.
func TestWordsImportStandardLibraryOnly(t *testing.T) {
	for _, dep := range deps(t, ".") {
		first, _, _ := strings.Cut(dep, "/")
		require.True(t, dep == module || !strings.Contains(first, ".") || strings.HasPrefix(dep, "vendor/"), "package pdx reaches %s", dep)
	}
}

func deps(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", pkg).Output()
	require.NoError(t, err, "go list -deps %s", pkg)
	return strings.Fields(string(out))
}
