package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/doctor"
)

// errUnwell is the kind of the doctor's finding that something is not well.
var errUnwell = errors.New("unwell")

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := a.examine(cmd.Context())
			if err != nil {
				return err
			}
			unwell := slices.ContainsFunc(found, func(h *nodepb.Health) bool { return !h.Ok })
			if err := a.showFindings(found, !unwell); err != nil {
				return err
			}
			if unwell {
				return a.fail(errUnwell, "doctor.unwell")
			}
			return nil
		},
	}
}

// examine looks at the home, and at what the daemon knows if it runs.
func (a *app) examine(ctx context.Context) ([]*nodepb.Health, error) {
	own, cfg, usable := doctor.Home(a.home)
	found := api.FromHealth(own)
	if !usable {
		return found, nil
	}
	client, err := a.client(ctx)
	switch {
	case errors.Is(err, pdx.ErrUnavailable):
		found = append(found, &nodepb.Health{Part: "daemon", Ok: true, Message: a.t("doctor.stopped", "command", a.verb("daemon"))})
		return append(found, api.FromHealth(doctor.Stopped(ctx, cfg))...), nil
	case err != nil:
		return nil, err
	}
	st, err := client.Status(ctx, &nodepb.StatusRequest{})
	if err != nil {
		return nil, err
	}
	found = append(found, &nodepb.Health{
		Part: "daemon", Ok: true, Message: a.t("doctor.running", "version", st.Version, "time", when(st.Started.AsTime())),
	})
	return append(found, st.Health...), nil
}

func (a *app) showFindings(found []*nodepb.Health, well bool) error {
	if !a.json {
		p := a.printer(a.out)
		p.facts(p.health(found)...)
		return nil
	}
	type part struct {
		Part    string `json:"part"`
		OK      bool   `json:"ok"`
		Message string `json:"message"`
	}
	parts := make([]part, len(found))
	for i, h := range found {
		parts[i] = part{h.Part, h.Ok, h.Message}
	}
	return a.line(map[string]any{"well": well, "parts": parts})
}
