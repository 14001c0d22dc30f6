package notify_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/notify"
)

func TestSignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := notify.New()
		for range 3 { // nobody waits, and nobody is kept waiting
			s.Set()
		}
		<-s
		select {
		case <-s:
			t.Fatal("it was set once")
		default:
		}
		woken := make(chan struct{})
		go func() { <-s; close(woken) }()
		synctest.Wait()
		s.Set()
		<-woken
		require.NotPanics(t, func() { notify.Signal(nil).Set() })
	})
}
