package criteria

import (
	"context"
	"fmt"
	"runtime"
)

// meter bounds what a schema may spend on one record. A short schema can take
// time exponential in the record's depth, and the buyer that opens a pool writes
// the schema that sellers and validators run.
type meter struct {
	ctx   context.Context //nolint:containedctx // a check walks hundreds of functions that have nothing else to do with it
	left  int
	until int // check ctx when left falls below
}

// spent is the panic that ends an evaluation: nothing is left to spend, ctx ended,
// or there can be no verdict.
type spent struct{ err error }

const ctxEvery = 1 << 14

// guard runs evaluate with the steps that a record of n bytes may cost. The error
// is that of the panic, if there was one.
func (m *meter) guard(ctx context.Context, n int, evaluate func()) (err error) {
	m.ctx, m.left = ctx, stepsBase+stepsPerByte*n
	m.until = m.left - ctxEvery
	defer func() {
		m.ctx = nil
		if thrown := recover(); thrown != nil {
			err = stopped(thrown)
		}
	}()
	evaluate()
	return nil
}

// stopped is the error of a panic that ended an evaluation. One of the program, which a
// schema should not be able to cause, is no verdict on a record either, and must not
// end the node.
func stopped(thrown any) error {
	switch thrown := thrown.(type) {
	case spent:
		return thrown.err
	case runtime.Error:
		return fmt.Errorf("%w: %v", errEvaluator, thrown)
	}
	panic(thrown)
}

func (m *meter) spend(steps int) {
	if m.left -= steps; m.left < 0 {
		panic(spent{ErrCost})
	}
	if m.left < m.until {
		m.until = m.left - ctxEvery
		if err := m.ctx.Err(); err != nil {
			panic(spent{err})
		}
	}
}
