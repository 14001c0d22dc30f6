package criteria

import "context"

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
			stop, ok := thrown.(spent)
			if !ok {
				panic(thrown)
			}
			err = stop.err
		}
	}()
	evaluate()
	return nil
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
