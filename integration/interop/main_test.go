package interop_test

import (
	"os"
	"testing"

	"github.com/medibloc/pdx/integration/market"
)

func TestMain(m *testing.M) { os.Exit(market.Run(m)) }
