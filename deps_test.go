package pdx_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/medibloc/pdx"

// The rooms of the house and what they must not reach, not even through others.
var unreachable = []struct {
	packages []string
	banned   []string
	why      string
}{
	{
		packages: []string{".", "./transfer/group", "./transfer/proof", "./transfer/seal", "./transfer/content", "./transfer/content/folder", "./chain/attest"},
		banned:   []string{"github.com/libp2p/", "github.com/cosmos/cosmos-sdk", "github.com/cometbft/", "google.golang.org/grpc"},
		why:      "pure packages reach no network and no chain SDK",
	},
	{
		packages: []string{"./node/seller", "./node/validator", "./node/buyer", "./node/criteria"},
		banned:   []string{"github.com/libp2p/", "github.com/cosmos/cosmos-sdk", module + "/chain/client", module + "/discovery"},
		why:      "roles are state machines over interfaces that they declare",
	},
	{
		packages: []string{"./transfer", "./transfer/blob/...", "./discovery", "./discovery/netdb", "./discovery/hello", "./discovery/topic"},
		banned:   []string{"github.com/cosmos/cosmos-sdk", "github.com/cometbft/", module + "/chain/client", module + "/chain/x", module + "/node"},
		why:      "transfer and discovery know no chain; they meet it in node",
	},
	{
		packages: []string{"./transfer", "./transfer/blob/..."},
		banned:   []string{module + "/discovery", module + "/chain"},
		why:      "never sideways",
	},
	{
		packages: []string{"./chain/x/datapool/..."},
		banned:   []string{"github.com/libp2p/", module + "/node", module + "/discovery", module + "/transfer/transferpb"},
		why:      "the module drops into a chain that knows no peers",
	},
	{
		packages: []string{"./cmd/pdx"},
		banned:   []string{module + "/chain/app", module + "/chain/localnet", module + "/chain/x/datapool/keeper", "github.com/cometbft/cometbft/node"},
		why:      "the node does not link the chain",
	},
}

// TestArrowsPointDown walks what each room links, by go list -deps.
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
	"cosmossdk.io/api/cosmos/autocli/v1", "cosmossdk.io/collections", "cosmossdk.io/collections/codec",
	"cosmossdk.io/collections/indexes", "cosmossdk.io/core/address", "cosmossdk.io/core/appmodule", "cosmossdk.io/core/store",
	"cosmossdk.io/errors", "cosmossdk.io/math",
	"github.com/cosmos/cosmos-proto", "github.com/cosmos/gogoproto/",
	"github.com/cosmos/cosmos-sdk/client", "github.com/cosmos/cosmos-sdk/codec", "github.com/cosmos/cosmos-sdk/codec/",
	"github.com/cosmos/cosmos-sdk/types", "github.com/cosmos/cosmos-sdk/types/",
}

// TestTheModuleDropsIn holds what the module imports itself against the stable set.
func TestTheModuleDropsIn(t *testing.T) {
	for _, pkg := range []string{"./chain/x/datapool", "./chain/x/datapool/keeper", "./chain/x/datapool/types"} {
		out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, pkg).Output()
		require.NoError(t, err)
		for _, dep := range strings.Fields(string(out)) {
			ofChain := strings.HasPrefix(dep, "cosmossdk.io/") || strings.HasPrefix(dep, "github.com/cosmos/") || strings.HasPrefix(dep, "github.com/cometbft/")
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
