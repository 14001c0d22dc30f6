// Package ordered works on batches with several goroutines and takes the results in order.
package ordered

import "sync"

// Run calls next for one batch after another until it has no more, work for each of them,
// and take for each in the order of next. next and take are called by the goroutine that
// calls Run, work by up to workers others, each with a number of its own below workers; by
// the same goroutine if there is only one. workers+1 batches are under way at most. An
// error of take ends Run, which returns it once nobody works any more.
func Run[T any](workers int, next func() (T, bool), work func(worker int, batch T), take func(batch T) error) error {
	if workers <= 1 {
		for {
			batch, some := next()
			if !some {
				return nil
			}
			work(0, batch)
			if err := take(batch); err != nil {
				return err
			}
		}
	}
	type job struct {
		batch T
		done  chan struct{}
	}
	jobs := make(chan job, workers+1)
	var all sync.WaitGroup
	defer all.Wait()
	defer close(jobs)
	for worker := range workers {
		all.Go(func() {
			for j := range jobs {
				work(worker, j.batch)
				close(j.done)
			}
		})
	}
	var pending []job
	for more := true; more || len(pending) > 0; {
		for more && len(pending) <= workers {
			var batch T
			if batch, more = next(); more {
				j := job{batch, make(chan struct{})}
				pending = append(pending, j)
				jobs <- j
			}
		}
		if len(pending) == 0 {
			break
		}
		first := pending[0]
		pending = append(pending[:0], pending[1:]...)
		<-first.done
		if err := take(first.batch); err != nil {
			return err
		}
	}
	return nil
}
