package node

import (
	"context"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/health"
)

// wireEngine has the bytes of datasets parsed in child processes of this program. Only a
// program that cannot be one, such as that of a test, parses them itself.
func (n *Node) wireEngine() (err error) {
	n.formats = criteria.Formats()
	n.engine = criteria.InProcess(n.formats)
	program := jail.Self()
	if program == "" {
		return nil
	}
	n.jail, err = jail.New(jail.Config{Program: program, Formats: n.formats, Log: n.log})
	if err != nil {
		return err
	}
	n.engine = n.jail
	n.lifecycle.Add("jail", n.tryJail, func(context.Context) error { n.jail.Close(); return nil })
	return nil
}

// tryJail starts a child, to say in time what it lacks. What fails is shown with the health,
// and tried again by whoever needs it.
func (n *Node) tryJail(ctx context.Context) error {
	fences, err := n.jail.Fences()
	if err != nil {
		n.log.WarnContext(ctx, "no process can be started to parse data in", "error", err)
		return nil
	}
	on, off := fences.List()
	n.log.InfoContext(ctx, "data is parsed in a child process", "fences", on, "missing", off)
	return nil
}

func (n *Node) jailHealth() []api.Health {
	if n.jail == nil {
		return nil
	}
	return []api.Health{health.Jail(n.jail.Fences())}
}
