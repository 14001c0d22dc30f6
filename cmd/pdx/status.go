package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show how this node is", Args: exactly(0),
		Example: "  pdx status\n  pdx status --json | jq .health",
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			st, err := client.Status(cmd.Context(), &nodepb.StatusRequest{})
			if err != nil {
				return err
			}
			return a.show(st, func(w io.Writer) { printStatus(w, st) })
		},
	}
}

// heardLongAgo is from when on the age of what the chain said is shown.
const heardLongAgo = 10 * time.Second

func printStatus(w io.Writer, st *nodepb.StatusResponse) {
	balance, chain := med(st.Balance)+withdrawable(st.Withdrawable),
		fmt.Sprintf("%s at height %d (handled %d), %s", st.ChainId, st.ChainHeight, st.Height, ago(st.ChainTime.AsTime()))
	if st.ChainHeight != 0 && time.Since(st.ChainHeard.AsTime()) > heardLongAgo {
		chain += "; heard " + ago(st.ChainHeard.AsTime())
	}
	if st.BalanceHeard != nil && time.Since(st.BalanceHeard.AsTime()) > heardLongAgo {
		balance += "; heard " + ago(st.BalanceHeard.AsTime())
	}
	if st.ChainHeight == 0 {
		balance, chain = "", fmt.Sprintf("%s cannot be read now (handled up to height %d)", st.ChainId, st.Height)
	}
	facts(w,
		"account", st.Account,
		"balance", balance,
		"peer", st.PeerId,
		"roles", strings.Join(st.Roles, ", "),
		"chain", chain,
		"peers", fmt.Sprint(st.ConnectedPeers),
		"up since", ago(st.Started.AsTime()),
		"version", st.Version,
		"home", st.Home,
	)
	for _, addr := range st.Listen {
		fmt.Fprintf(w, "listen    %s\n", addr)
	}
	if st.KeptLimit != 0 {
		fmt.Fprintf(w, "keeps     %s of ciphertext for buyers, of %s at the most\n", bytesText(st.KeptBytes), bytesText(st.KeptLimit))
	}
	for _, d := range st.Duties {
		fmt.Fprintf(w, "duty      deal %d of pool %d, drawn by lot; verdict due %s%s\n", d.DealId, d.PoolId, ago(d.Deadline.AsTime()), waitsText(d.WaitsFor))
	}
	for _, h := range st.Health {
		mark := "ok"
		if !h.Ok {
			mark = "NOT OK"
		}
		fmt.Fprintf(w, "health    %-10s %-6s %s\n", h.Part, mark, h.Message)
	}
}

func waitsText(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

func withdrawable(amount *nodepb.Amount) string {
	if nothing(amount) {
		return ""
	}
	return " (and " + med(amount) + " to withdraw)"
}

func withdrawText(amount *nodepb.Amount) string {
	if nothing(amount) {
		return "there is nothing to withdraw"
	}
	return "withdrew " + med(amount)
}

func (a *app) peersCommand() *cobra.Command {
	return &cobra.Command{
		Use: "peers", Short: "List connected peers: who, where, direct or relayed, how fast", Args: exactly(0),
		Example: "  pdx peers",
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.Peers(cmd.Context(), &nodepb.PeersRequest{})
			if err != nil {
				return err
			}
			return a.show(res, func(w io.Writer) { printPeers(w, res.Peers) })
		},
	}
}

func printPeers(w io.Writer, peers []*nodepb.Peer) {
	list := newRows("PEER", "ACCOUNT", "TRANSPORT", "WAY", "RTT", "ADDRESS")
	for _, p := range peers {
		rtt := "-"
		if p.RttUs > 0 {
			rtt = microseconds(p.RttUs).String()
		}
		list.add(short(p.PeerId), short(p.Account), p.Transport, wayOf(p), rtt, p.Address)
	}
	list.print(w, "No peer is connected.")
}

func (a *app) withdrawCommand() *cobra.Command {
	return &cobra.Command{
		Use: "withdraw", Short: "Pay out what this account earned or got back", Args: exactly(0),
		Long:    "Pay out this account's balance inside the exchange. The daemon does so by itself; this is for not waiting.",
		Example: "  pdx withdraw",
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.Withdraw(cmd.Context(), &nodepb.WithdrawRequest{})
			if err != nil {
				return err
			}
			return a.show(res, func(w io.Writer) { fmt.Fprintln(w, withdrawText(res.Amount)) })
		},
	}
}
