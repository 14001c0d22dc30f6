package clienttest_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/clienttest"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
)

func TestMain(m *testing.M) {
	// A dependency of the SDK starts its timer wheel as it is linked.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/desertbit/timer.timerRoutine"))
}

// memory is a World under the suite.
type memory struct{ *clienttest.World }

func (m memory) As(name string) clienttest.Ledger {
	return m.World.As(clienttest.Account(name))
}

func (m memory) Pass(height int64, t time.Time) { m.World.Pass(height, t) }

func (m memory) Sign(name string, message []byte) (signature, publicKey []byte) {
	return datapooltest.Sign(name, message)
}

func (m memory) FeeLimit() pdx.Amount { return 0 }

func (m memory) Interrupt(during func()) {
	m.Disconnect()
	m.NextBlock()
	during()
	m.Connect()
}

func TestContract(t *testing.T) {
	clienttest.Run(t, func(*testing.T) clienttest.Chain {
		world := clienttest.NewWorld()
		for _, name := range clienttest.Names() {
			if name != clienttest.Poor {
				world.Fund(clienttest.Account(name), clienttest.Wealth)
			}
		}
		return memory{world}
	})
}
