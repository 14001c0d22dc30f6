package criteria

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/internal/findings"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// evaluate is what evaluating a record by the rules of version 1 found.
func evaluate(t tester, s *schema, record []byte, n int) *findings.Recorder {
	t.Helper()
	found, err := tryEvaluate(context.Background(), t, s, record, n)
	require.NoError(t, err)
	return found
}

func tryEvaluate(ctx context.Context, t tester, s *schema, record []byte, n int) (*findings.Recorder, error) {
	t.Helper()
	tree, err := strict.Parse(record)
	require.NoError(t, err)
	c := &Checker{names: s.names}
	e := s.evaluator(1, c.shows)
	e.recorder.Begin(1)
	err = e.run(ctx, tree.Root(), n)
	return e.recorder, err
}

// tester is a *testing.T or a *rapid.T.
type tester interface {
	require.TestingT
	Helper()
}
