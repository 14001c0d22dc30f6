package health_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/node/health"
)

func TestJail(t *testing.T) {
	h := health.Jail(jail.Fences{Memory: true, Calls: true}, nil)
	require.True(t, h.OK)
	require.Equal(t, "data is parsed in a child process with limits on memory, system calls, network;"+
		" this system has none on processor time, core dumps, privileges, files", h.Message)
	h = health.Jail(jail.Fences{}, nil)
	require.True(t, h.OK)
	require.Contains(t, h.Message, "deadline only")
	h = health.Jail(jail.Fences{}, errors.New("fork: no memory"))
	require.False(t, h.OK)
	require.Contains(t, h.Message, "fork: no memory")
}
