package storetest_test

import (
	"testing"

	"github.com/medibloc/pdx/node/store/storetest"
)

func TestTable(t *testing.T) {
	storetest.RunTable(t, func(*testing.T) storetest.Documents[storetest.Doc] {
		return &storetest.Table[storetest.Doc]{}
	})
}

func TestSecrets(t *testing.T) {
	storetest.RunSecrets(t, func(*testing.T) storetest.Vault { return &storetest.Secrets{} })
}
