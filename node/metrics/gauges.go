package metrics

import (
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx"
)

// gauge is a metric with one value; ok is false while that is not known.
type gauge struct {
	desc *prometheus.Desc
	of   func(f *Figures) (value float64, ok bool)
}

func newGauge(name, help string, of func(*Figures) (float64, bool)) gauge {
	return gauge{prometheus.NewDesc(name, help, nil, nil), of}
}

// always is a value that is always known.
func always[T int | int64 | uint64](of func(*Figures) T) func(*Figures) (float64, bool) {
	return func(f *Figures) (float64, bool) { return float64(of(f)), true }
}

// moment is a time in Unix seconds, unless it is zero.
func moment(of func(*Figures) time.Time) func(*Figures) (float64, bool) {
	return func(f *Figures) (float64, bool) { return float64(of(f).Unix()), !of(f).IsZero() }
}

// onChain is a value of the validator's record on chain.
func onChain(of func(*pdx.Validator) float64) func(*Figures) (float64, bool) {
	return func(f *Figures) (float64, bool) {
		if f.Validator == nil || f.Validator.OnChain == nil {
			return 0, false
		}
		return of(f.Validator.OnChain), true
	}
}

// validating is a value of a node that plays the validator.
func validating(of func(*Validator) float64) func(*Figures) (float64, bool) {
	return func(f *Figures) (float64, bool) {
		if f.Validator == nil {
			return 0, false
		}
		return of(f.Validator), true
	}
}

func heard[T any](of func(*Figures) (value T, at time.Time), number func(T) float64) func(*Figures) (float64, bool) {
	return func(f *Figures) (float64, bool) {
		value, at := of(f)
		return number(value), !at.IsZero()
	}
}

var gauges = []gauge{
	newGauge("pdx_start_time_seconds", "Unix time at which the node started.",
		moment(func(f *Figures) time.Time { return f.Started })),
	newGauge("pdx_handled_height_blocks", "Height of the last block that the node handled.",
		always(func(f *Figures) int64 { return f.Handled })),
	newGauge("pdx_chain_height_blocks", "Height of the chain, as its endpoint last said.",
		heard(func(f *Figures) (pdx.Head, time.Time) { return f.Head.Value, f.Head.At }, func(h pdx.Head) float64 { return float64(h.Height) })),
	newGauge("pdx_chain_time_seconds", "Unix time of the chain's last block, as its endpoint last said.",
		moment(func(f *Figures) time.Time { return f.Head.Value.Time })),
	newGauge("pdx_chain_gas_price_umed", "What the chain asks for a unit of gas, in umed; 0 before it was read.",
		always(func(f *Figures) uint64 { return f.GasPrice.Asked })),
	newGauge("pdx_chain_gas_price_limit_umed", "The most that the node pays for a unit of gas, in umed.",
		always(func(f *Figures) uint64 { return f.GasPrice.Limit })),
	newGauge("pdx_clock_ahead_seconds", "By how much this machine's clock is ahead of the chain's blocks.",
		func(f *Figures) (float64, bool) { return f.ClockAhead.Seconds(), true }),

	newGauge("pdx_account_balance_umed", "What the account can spend, in umed, as last read.",
		heard(balances, func(a [2]pdx.Amount) float64 { return float64(a[0]) })),
	newGauge("pdx_account_withdrawable_umed", "What the exchange owes the account, in umed, as last read.",
		heard(balances, func(a [2]pdx.Amount) float64 { return float64(a[1]) })),
	newGauge("pdx_account_other_signer_time_seconds", "Unix time at which another program last signed for the account.",
		moment(func(f *Figures) time.Time { return f.OtherSigner })),

	newGauge("pdx_seller_stuck_sales", "Sales in progress that have waited for more than a minute.",
		always(func(f *Figures) int { return f.StuckSales })),
	newGauge("pdx_seller_expected_umed", "Prices of the sales in progress, before commissions, rewards and fees, in umed.",
		always(func(f *Figures) (sum uint64) {
			for _, s := range f.Sales {
				sum += uint64(s.Terms.Price)
			}
			return sum
		})),
	newGauge("pdx_seller_deposits_umed", "The most that the offers in progress hold of this account's money as deposits, in umed.",
		always(func(f *Figures) (sum uint64) {
			for _, s := range f.Sales {
				if s.Deal != 0 {
					sum += uint64(s.MaxDeposit)
				}
			}
			return sum
		})),
	newGauge("pdx_buyer_stuck_pulls", "Pulls in progress that have waited for more than a minute.",
		always(func(f *Figures) int { return f.StuckPulls })),
	newGauge("pdx_buyer_wanted_bytes", "Bytes that the pulls in progress still lack.",
		always(func(f *Figures) (sum uint64) {
			for _, p := range f.Pulls {
				sum += p.Size - min(p.Size, p.Held)
			}
			return sum
		})),
	newGauge("pdx_buyer_lost_pools", "Pools of this account whose keys are not in this home.",
		always(func(f *Figures) int { return f.LostPools })),

	newGauge("pdx_validator_bond_umed", "The validator's bond, in umed.", onChain(func(v *pdx.Validator) float64 { return float64(v.Bond) })),
	newGauge("pdx_validator_staked_umed", "The part of the bond that stands for deals that have not ended, in umed.",
		onChain(func(v *pdx.Validator) float64 { return float64(v.Staked) })),
	newGauge("pdx_validator_bonded", "1 if the validator is bonded and not jailed.",
		onChain(func(v *pdx.Validator) float64 { return truth(v.Status == pdx.ValidatorBonded) })),
	newGauge("pdx_validator_jailed", "1 if the validator is jailed.",
		onChain(func(v *pdx.Validator) float64 { return truth(v.Status == pdx.ValidatorJailed) })),
	newGauge("pdx_validator_counted_duties",
		"How many of the last deals for which the validator was drawn count for the rate of missed duties.",
		onChain(func(v *pdx.Validator) float64 { return float64(v.Duties) })),
	newGauge("pdx_validator_missed_duties", "How many of the counted duties the validator missed.",
		onChain(func(v *pdx.Validator) float64 { return float64(v.MissedDuties) })),
	newGauge("pdx_validator_open_duties", "Deals for which the validator was drawn and has given no verdict yet.",
		validating(func(v *Validator) float64 { return float64(v.Duties) })),
	newGauge("pdx_validator_kept_bytes", "Ciphertext that the validator keeps, promised or being checked.",
		validating(func(v *Validator) float64 { return float64(v.Kept) })),
	newGauge("pdx_validator_quota_bytes", "The most that the validator keeps.",
		validating(func(v *Validator) float64 { return float64(v.Quota) })),
	newGauge("pdx_validator_missing_promises", "Ciphertexts that the validator promised and lacks.",
		validating(func(v *Validator) float64 { return float64(v.Missing) })),

	newGauge("pdx_peers", "Connected peers.", always(func(f *Figures) int { return f.Peers })),
	newGauge("pdx_reachable", "1 if peers have dialled the node back, 0 if they cannot; missing while that is not known.",
		func(f *Figures) (float64, bool) {
			r := f.DHT.Reachability
			return truth(r == network.ReachabilityPublic), r != network.ReachabilityUnknown
		}),
	newGauge("pdx_dht_serves", "1 if the node stores and finds records for others.",
		func(f *Figures) (float64, bool) { return truth(f.DHT.Serves), true }),
	newGauge("pdx_dht_peers", "Peers in the routing table.", always(func(f *Figures) int { return f.DHTPeers })),
	newGauge("pdx_gossip_topics", "Pools whose topic the node has joined.", always(func(f *Figures) int { return f.Topics })),
	newGauge("pdx_relays", "Relays through which the node is reached.", always(func(f *Figures) int { return f.Relays })),
	newGauge("pdx_relay_serves", "1 if the node relays for others.",
		func(f *Figures) (float64, bool) { return truth(f.Relay.Serves), true }),
	newGauge("pdx_relay_peers", "Peers that are reached through the node.", always(func(f *Figures) int { return f.Relay.Peers })),
	newGauge("pdx_relay_circuits", "Open circuits through the node.", always(func(f *Figures) int { return f.Relay.Circuits })),

	newGauge("pdx_disk_free_bytes", "Bytes left on the disk of the home.", func(f *Figures) (float64, bool) {
		if f.Space == nil {
			return 0, false
		}
		return float64(f.Space.Bytes), true
	}),
	newGauge("pdx_disk_free_inodes", "Files that the file system of the home still takes.", func(f *Figures) (float64, bool) {
		if f.Space == nil {
			return 0, false
		}
		return float64(f.Space.Inodes), f.Space.Counted
	}),
	newGauge("pdx_store_damaged_rows", "Rows of the database that are damaged.", always(func(f *Figures) int { return f.DamagedRows })),
}

func balances(f *Figures) ([2]pdx.Amount, time.Time) {
	return [2]pdx.Amount{f.Funds.Value.Balance, f.Funds.Value.Withdrawable}, f.Funds.At
}
