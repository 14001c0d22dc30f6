package localnet_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/medibloc/pdx/chain/localnet"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
)

// childHome makes this binary run the chain of that home and nothing else, so
// that a test can kill it.
const childHome = "LOCALNET_TEST_CHILD_HOME"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childHome); dir != "" {
		os.Exit(runChild(dir))
	}
	goleak.VerifyTestMain(m, localnettest.KnownLeaks()...)
}

func runChild(dir string) int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	chain, err := localnet.New(localnet.Config{Home: dir})
	if err == nil {
		err = chain.Start(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("ready")
	<-ctx.Done() // the parent kills first
	return 1
}
