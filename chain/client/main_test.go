package client_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/medibloc/pdx/chain/localnet/localnettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, localnettest.KnownLeaks()...) }
