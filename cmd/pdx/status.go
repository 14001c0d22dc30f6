package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			st, err := client.Status(cmd.Context(), &nodepb.StatusRequest{})
			if err != nil {
				return err
			}
			return a.show(st, func(p printer) { p.status(st, a.ownValidator(cmd.Context(), client, st)) })
		},
	}
}

// heardLongAgo is the age from which on it is shown when the chain said something.
const heardLongAgo = 10 * time.Second

// ownValidator is this node's validator, with its stakes; nil if it has none or the chain is
// away, of which the status has its own word.
func (a *app) ownValidator(ctx context.Context, client api.Client, st *nodepb.StatusResponse) *nodepb.Validator {
	if !slices.Contains(st.Roles, string(pdx.RoleValidator)) {
		return nil
	}
	res, err := client.GetValidator(ctx, &nodepb.GetValidatorRequest{})
	if err != nil {
		return nil
	}
	return res.Validator
}

func (p printer) status(st *nodepb.StatusResponse, own *nodepb.Validator) {
	facts := []string{
		"account", st.Account,
		"balance", p.balance(st),
		"peer", st.PeerId,
		"roles", strings.Join(st.Roles, ", "),
		"chain", p.chain(st),
		"peers", fmt.Sprint(st.ConnectedPeers),
		"up_since", when(st.Started.AsTime()),
		"version", st.Version,
		"home", st.Home,
	}
	for _, addr := range st.Listen {
		facts = append(facts, fact("listen", addr)...)
	}
	if own != nil {
		facts = append(facts, fact("bond", p.bond(own))...)
	}
	if st.KeptLimit != 0 {
		facts = append(facts, fact("keeps", p.t("status.kept", "size", bytesText(st.KeptBytes), "limit", bytesText(st.KeptLimit)))...)
	}
	for _, d := range st.Duties {
		text := p.t("status.duty", "deal", d.DealId, "pool", d.PoolId, "time", when(d.Deadline.AsTime()))
		if d.WaitsFor != "" {
			text = p.t("deal.because", "text", text, "reason", d.WaitsFor)
		}
		facts = append(facts, fact("duty", text)...)
	}
	p.facts(append(facts, p.health(st.Health)...)...)
}

// health has a fact for each part of a node.
func (p printer) health(list []*nodepb.Health) (facts []string) {
	for _, h := range list {
		if h.Ok {
			facts = append(facts, fact("health", p.t("status.health", "part", h.Part, "mark", p.t("status.ok"), "message", h.Message))...)
		} else {
			facts = append(facts, fact("unwell", p.t("status.health", "part", h.Part, "mark", p.t("status.not_ok"), "message", h.Message))...)
		}
	}
	return facts
}

// chain says how far the chain is, and when it said so if that was long ago.
func (p printer) chain(st *nodepb.StatusResponse) string {
	if st.ChainHeight == 0 {
		return p.t("status.no_chain", "chain", st.ChainId, "height", st.Height)
	}
	text := p.t("status.chain", "chain", st.ChainId, "height", st.ChainHeight, "handled", st.Height, "time", when(st.ChainTime.AsTime()))
	return p.heard(text, st.ChainHeard)
}

func (p printer) balance(st *nodepb.StatusResponse) string {
	if st.ChainHeight == 0 {
		return ""
	}
	text := med(st.Balance)
	if !nothing(st.Withdrawable) {
		text = p.t("status.balance", "balance", text, "withdrawable", med(st.Withdrawable))
	}
	if st.BalanceHeard == nil {
		return text
	}
	return p.heard(text, st.BalanceHeard)
}

func (p printer) heard(text string, at *timestamppb.Timestamp) string {
	if time.Since(at.AsTime()) <= heardLongAgo {
		return text
	}
	return p.t("status.heard", "text", text, "time", when(at.AsTime()))
}

func (a *app) peersCommand() *cobra.Command {
	return &cobra.Command{
		Use: "peers", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.Peers(cmd.Context(), &nodepb.PeersRequest{})
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.peers(res.Peers) })
		},
	}
}

func (p printer) peers(peers []*nodepb.Peer) {
	list := p.rows("peer", "account", "transport", "path", "rtt", "address")
	for _, peer := range peers {
		rtt := "-"
		if peer.RttUs > 0 {
			rtt = microseconds(peer.RttUs).String()
		}
		list.add(short(peer.PeerId), short(peer.Account), peer.Transport, p.path(peer), rtt, peer.Address)
	}
	p.table(list, "peer.none")
}

func (a *app) withdrawCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "withdraw", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			if err := a.rehearseWithdrawal(cmd, client); err != nil {
				return err
			}
			res, err := client.Withdraw(cmd.Context(), &nodepb.WithdrawRequest{})
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) {
				if nothing(res.Amount) {
					p.say("withdraw.nothing")
					return
				}
				p.say("withdraw.done", "amount", med(res.Amount))
			})
		},
	}
	dryRunFlag(cmd, "MsgWithdraw")
	return cmd
}

// rehearseWithdrawal says how much would be withdrawn.
func (a *app) rehearseWithdrawal(cmd *cobra.Command, client api.Client) error {
	if !rehearsing(cmd) {
		return nil
	}
	st, err := client.Status(cmd.Context(), &nodepb.StatusRequest{})
	if err != nil {
		return err
	}
	if st.Withdrawable == nil || nothing(st.Withdrawable) {
		return a.rehearse(cmd, a.t("withdraw.nothing"))
	}
	return a.rehearse(cmd, a.t("withdraw.would", "amount", med(st.Withdrawable)))
}
