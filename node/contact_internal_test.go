package node

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/stretchr/testify/require"
)

// contactRun runs followContact in a bubble; updates receives when update was called.
func contactRun(t *testing.T, update func() (bool, error)) (changes chan<- any, updates <-chan time.Duration) {
	t.Helper()
	start, events, called := time.Now(), make(chan any), make(chan time.Duration, 100)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		followContact(ctx, events, func(context.Context) (bool, error) {
			called <- time.Since(start)
			return update()
		})
	}()
	t.Cleanup(func() { cancel(); <-done })
	return events, called
}

// While a validator rests from a change on chain, all further changes are received at once,
// and the last of them is put on chain when the rest is over.
func TestContactChangesWhileResting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		changes, updates := contactRun(t, func() (bool, error) { return true, nil })
		require.Zero(t, <-updates)
		for range 100 {
			changes <- event.EvtLocalAddressesUpdated{} // would block for ever
		}
		require.Equal(t, contactRest, <-updates)
		time.Sleep(2 * contactRest)
		require.Empty(t, updates, "nothing has changed since")
		changes <- event.EvtLocalAddressesUpdated{}
		require.Equal(t, 3*contactRest+contactSettle, <-updates)
	})
}

func TestContactSettlesAndRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		results := []error{errors.New("the chain is away"), errors.New("the chain is away"), nil, nil}
		changes, updates := contactRun(t, func() (bool, error) {
			err := results[0]
			results = results[1:]
			return false, err
		})
		require.Zero(t, <-updates)
		changes <- event.EvtLocalAddressesUpdated{}
		require.Equal(t, contactRetry, <-updates)
		require.Equal(t, 2*contactRetry, <-updates)
		for range 3 { // behind a home router
			time.Sleep(contactSettle / 4)
			changes <- event.EvtLocalAddressesUpdated{}
		}
		require.Equal(t, 2*contactRetry+contactSettle/4+contactSettle, <-updates, "it settled from the first change on")
		synctest.Wait()
		require.Empty(t, updates)
	})
}

// libp2p's event bus stands still when a subscriber does not receive: the reason for
// receiving at all times.
func TestContactDoesNotHoldUpTheHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := eventbus.NewBus()
		sub, err := bus.Subscribe(new(event.EvtLocalAddressesUpdated))
		require.NoError(t, err)
		defer sub.Close()
		emitter, err := bus.Emitter(new(event.EvtLocalAddressesUpdated))
		require.NoError(t, err)
		defer emitter.Close()
		ctx, cancel := context.WithCancel(t.Context())
		updates := 0
		done := make(chan struct{})
		go func() {
			defer close(done)
			followContact(ctx, sub.Out(), func(context.Context) (bool, error) { updates++; return true, nil })
		}()
		for range 100 { // more than a subscription's queue holds
			require.NoError(t, emitter.Emit(event.EvtLocalAddressesUpdated{}))
		}
		synctest.Wait()
		cancel()
		<-done
		require.Equal(t, 1, updates)
	})
}
