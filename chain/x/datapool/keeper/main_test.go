package keeper_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// seen are the codes of the errors that some test provoked, and the names of
// messages with the codes that they were refused with.
var seen sync.Map

// provoked names a refusal of a message.
func provoked(msg sdk.Msg, code uint32) string {
	return fmt.Sprintf("%s %d", reflect.TypeOf(msg).Elem().Name(), code)
}

// TestMain fails the package when an error of the module was provoked by no
// test: a check without a test is not known to work.
func TestMain(m *testing.M) {
	code := m.Run()
	if whole := flag.Lookup("test.run").Value.String() == ""; code == 0 && whole {
		for n := range uint32(1000) {
			if _, ok := seen.Load(n); !ok && types.Sentinel(n) != nil {
				fmt.Printf("error code %d is provoked by no test\n", n)
				code = 1
			}
		}
		for _, row := range specified() {
			if _, ok := seen.Load(row); !ok {
				fmt.Printf("the specification has a check of %s that no test fails\n", row)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// specified returns the checks in the specification's tables of messages.
func specified() (rows []string) {
	raw, err := os.ReadFile("../../../../docs/spec/datapool.md")
	if err != nil {
		panic(err)
	}
	name := ""
	for line := range strings.Lines(string(raw)) {
		if heading, found := strings.CutPrefix(line, "#"); found {
			name, _ = strings.CutPrefix(strings.Trim(heading, "# \n"), "### ")
		}
		if row := checkRow.FindStringSubmatch(line); row != nil && strings.HasPrefix(name, "Msg") {
			rows = append(rows, name+" "+row[1])
		}
	}
	return rows
}

var checkRow = regexp.MustCompile(`^\|.*\| (\d+) \|\n$`)

// requireRefused wants a message refused with an error of the module, and nothing
// changed by it: neither state nor money nor events.
func requireRefused(t *testing.T, m *datapooltest.Market, msg sdk.Msg, want *errorsmod.Error) {
	t.Helper()
	state, held, events := encode(t, m), m.Held(), len(m.Events())
	_, err := m.Exec(msg)
	requireError(t, err, want)
	require.Equal(t, state, encode(t, m), "the state changed")
	require.Equal(t, held, m.Held(), "money moved")
	require.Len(t, m.Events(), events, "an event was emitted")
	seen.Store(provoked(msg, want.ABCICode()), true)
}

// requireError wants an error of the module.
func requireError(t *testing.T, err error, want *errorsmod.Error) {
	t.Helper()
	require.ErrorIs(t, err, want)
	require.Equal(t, types.ModuleName, want.Codespace())
	seen.Store(want.ABCICode(), true)
}

// refusal is a change to an accepted message for which it must be refused.
type refusal[M any] struct {
	name   string
	change func(*datapooltest.Market, *M)
	want   *errorsmod.Error
}

// message is a pointer to a message.
type message[M any] interface {
	*M
	sdk.Msg
}

// testRefusals holds a message against each of its checks: as a transaction
// that must leave no trace, and straight at the handler, which must not rely on
// the checks that a transaction goes through before.
func testRefusals[M any, PM message[M], R any](t *testing.T, method func(types.MsgServer, context.Context, PM) (R, error),
	accepted func(*testing.T) (*datapooltest.Market, PM), rows []refusal[M],
) {
	t.Run("accepted", func(t *testing.T) {
		m, msg := accepted(t)
		m.Must(msg)
		m.CheckInvariants()
	})
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			m, msg := accepted(t)
			row.change(m, msg)
			requireRefused(t, m, msg, row.want)
			err := m.Read(func(ctx sdk.Context, _ types.QueryServer) error {
				_, err := method(keeper.NewMsgServer(m.Keeper), ctx, msg)
				return err
			})
			requireError(t, err, row.want)
		})
	}
}

func encode(t *testing.T, m *datapooltest.Market) []byte {
	t.Helper()
	raw, err := proto.Marshal(m.Export())
	require.NoError(t, err)
	return raw
}
