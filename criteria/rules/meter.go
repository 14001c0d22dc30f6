package rules

import (
	"context"
	"errors"
)

// errCost ends an evaluation that takes too long.
var errCost = errors.New("too many steps")

// meter counts the steps of evaluations.
type meter struct {
	ctx   context.Context //nolint:containedctx // an evaluation walks functions that have nothing else to do with it
	left  int
	until int // check ctx when left falls below
}

// spent is the panic that ends an evaluation.
type spent struct{ err error }

// ctxEvery is after how many steps ctx is checked.
const ctxEvery = 1 << 14

// start allows as many steps.
func (m *meter) start(ctx context.Context, steps int) {
	m.ctx, m.left, m.until = ctx, steps, steps-ctxEvery
}

func (m *meter) spend(steps int) {
	if m.left -= steps; m.left < 0 {
		panic(spent{errCost})
	}
	if m.left < m.until {
		m.until = m.left - ctxEvery
		if err := m.ctx.Err(); err != nil {
			panic(spent{err})
		}
	}
}

// guard runs evaluate; the error is errCost or that of the context.
func (m *meter) guard(evaluate func()) (err error) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case spent:
			err = thrown.err
		default:
			panic(thrown)
		}
	}()
	evaluate()
	return nil
}
