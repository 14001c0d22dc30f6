package types

import (
	"fmt"
	"time"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
)

const (
	hour = time.Hour
	day  = 24 * hour
)

// DefaultParams returns those of Panacea. The deadlines are long because they are
// what a machine at home needs: three days to check, half a day to pull and
// three days to hand over a key through a weekend.
func DefaultParams() Params {
	return Params{
		Denom:            pdx.Denom,
		MinBond:          math.NewInt(1_000_000_000), // 1000 MED
		OfferDeposit:     math.NewInt(1_000_000),     // 1 MED
		DefaultDeadlines: Deadlines{Certify: 72 * hour, Ack: 12 * hour, Key: 72 * hour, Dispute: 24 * hour},
		// A pool cannot rush its sellers below the least; the key deadline is
		// theirs and therefore the longest.
		MinDeadlines: Deadlines{Certify: hour, Ack: hour, Key: day, Dispute: hour},
		MaxDeadlines: Deadlines{Certify: 30 * day, Ack: 14 * day, Key: 14 * day, Dispute: 14 * day},
		BlockTime:    6 * time.Second,
		// 1 MiB/s is a slow upload at home; the dispute only decrypts.
		AckBytesPerSecond:      1 << 20,
		DisputeBytesPerSecond:  10 << 20,
		MaxAck:                 14 * day,
		MaxPoolLife:            365 * day,
		MaxExpirationsPerBlock: 100,
		// A validator that samples can be misled once in a while, so those who
		// accept a fraud lose a tenth of its price together and not their bonds.
		SlashFractionBp: 1_000,
		// As long as a chain validator's stake on Panacea, and longer than the
		// common deal. A deal that takes longer holds the bond by itself.
		UnbondingTime: 21 * day,
		JailTime:      day,
		// One miss is a night's outage; three in a row are no service.
		JailMissedCount: 3,
		// A buyer's node at home may be off for the time of a restart or a power cut.
		DrawWait:     hour,
		DutyWindow:   32,
		JailMissedBp: 5_000,
		// What a byte costs to write, 30 units of gas, at the 5 umed a unit of Panacea.
		DepositPerByte: 150,
		// About 104,000, 138,000, 179,000, at most 848,000 and 174,000 units of gas at that
		// price, and some more; TestCostsCoverGas holds them against the table of gas.
		VerdictCost:          500_000,
		DrawnVerdictCost:     600_000,
		OfferCost:            900_000,
		SegmentComplaintCost: 4_400_000,
		BoxComplaintCost:     800_000,
		// About another pull of the dataset, and less than what two friends spend on a
		// fraud: more would pay for frauds against one's friends.
		CompensationBase:   1_000_000,
		CompensationPerMib: 100,
		// As long as two of the longest certify deadlines of most pools, and time to sell
		// something for the bond.
		BondNotice: 14 * day,
		// Junk cannot take more of the validators' time than a few deals for each that can
		// be certified, and a newcomer not more than one.
		MaxOffersPerSlot: 4,
		MaxOffersAhead:   1,
		// A validator's machine may be off for a night. Three challenges of 16 chunks miss a
		// tenth that is not there in 1 of 160 cases, and put off a deal by a day and a half.
		MaxChallenges:      3,
		MaxChallengeChunks: 16,
		ChallengeTime:      12 * hour,
		// TestCostsCoverGas holds these, too.
		AnswerCost: 500_000, AnswerCostPerByte: 51, ChallengeCost: 600_000,
	}
}

// Validate refuses parameters under which the module could not keep its rules.
func (p Params) Validate() error {
	if err := sdk.ValidateDenom(p.Denom); err != nil {
		return errorsmod.Wrapf(ErrParams, "denom: %s", err)
	}
	if err := p.validateAmounts(); err != nil {
		return err
	}
	if err := p.validateDeadlines(); err != nil {
		return err
	}
	if p.AckBytesPerSecond < MinBytesPerSecond || p.DisputeBytesPerSecond < MinBytesPerSecond {
		return errorsmod.Wrapf(ErrParams, "rates must be at least %d bytes a second", MinBytesPerSecond)
	}
	if p.MaxExpirationsPerBlock == 0 || p.MaxExpirationsPerBlock > MaxExpirationsPerBlock {
		return errorsmod.Wrapf(ErrParams, "expirations per block must be from 1 to %d", MaxExpirationsPerBlock)
	}
	if p.MaxOffersPerSlot == 0 || p.MaxOffersAhead == 0 {
		return errorsmod.Wrap(ErrParams, "a pool must take one offer for each slot, and one of a new seller")
	}
	for _, check := range []func() error{p.validateStake, p.validateChallenges} {
		if err := check(); err != nil {
			return err
		}
	}
	return p.validateDuties()
}

func (p Params) validateAmounts() error {
	if p.MinBond.IsNil() || !p.MinBond.IsPositive() || !p.MinBond.IsUint64() {
		return errorsmod.Wrap(ErrParams, "least bond must be positive and fit 64 bits")
	}
	if p.OfferDeposit.IsNil() || !p.OfferDeposit.IsPositive() || !p.OfferDeposit.IsUint64() {
		return errorsmod.Wrap(ErrParams, "offer deposit must be positive and fit 64 bits")
	}
	return nil
}

func (p Params) validateDeadlines() error {
	if p.BlockTime < MinBlockTime || p.BlockTime > hour {
		return errorsmod.Wrapf(ErrParams, "block time must be from %v to %v", MinBlockTime, hour)
	}
	for i, least := range p.MinDeadlines.list() {
		most, normal := p.MaxDeadlines.list()[i], p.DefaultDeadlines.list()[i]
		if least <= 0 || normal < least || most < normal || most > MaxDuration {
			return errorsmod.Wrapf(ErrParams, "%s deadline: 0 < min ≤ default ≤ max ≤ %v is wanted", deadlineNames[i], MaxDuration)
		}
	}
	if p.MaxAck < p.MaxDeadlines.Ack || p.MaxAck > MaxDuration {
		return errorsmod.Wrapf(ErrParams, "longest ack must be from the greatest ack deadline to %v", MaxDuration)
	}
	if p.UnbondingTime < 0 || p.UnbondingTime > MaxDuration || p.JailTime < 0 || p.JailTime > MaxDuration {
		return errorsmod.Wrapf(ErrParams, "unbonding and jail time must be from 0 to %v", MaxDuration)
	}
	if p.BondNotice < 0 || p.BondNotice > MaxDuration {
		return errorsmod.Wrapf(ErrParams, "bond notice must be from 0 to %v", MaxDuration)
	}
	if p.MaxPoolLife <= 0 || p.MaxPoolLife > MaxDuration {
		return errorsmod.Wrapf(ErrParams, "longest life of a pool must be positive and at most %v", MaxDuration)
	}
	return nil
}

var deadlineNames = [...]string{"certify", "ack", "key", "dispute"}

// list is in the order of deadlineNames.
func (d Deadlines) list() [4]time.Duration {
	return [...]time.Duration{d.Certify, d.Ack, d.Key, d.Dispute}
}

// Fill gives a pool's deadlines the default wherever they are zero, and refuses
// one outside the bounds.
func (p Params) Fill(d Deadlines) (Deadlines, error) {
	least, most, normal := p.MinDeadlines.list(), p.MaxDeadlines.list(), p.DefaultDeadlines.list()
	chosen := d.list()
	for i := range chosen {
		if chosen[i] == 0 {
			chosen[i] = normal[i]
		}
		if chosen[i] < least[i] || chosen[i] > most[i] {
			return Deadlines{}, errorsmod.Wrapf(ErrDeadlines, "%s: %v is not from %v to %v", deadlineNames[i], chosen[i], least[i], most[i])
		}
	}
	return Deadlines{Certify: chosen[0], Ack: chosen[1], Key: chosen[2], Dispute: chosen[3]}, nil
}

// Stretch gives a pool's deadlines for a dataset of size bytes: ack and dispute
// grow by size / rate, ack up to MaxAck. size is at most MaxDatasetSize.
func (p Params) Stretch(d Deadlines, size uint64) Deadlines {
	d.Ack = min(d.Ack+seconds(size, p.AckBytesPerSecond), p.MaxAck)
	d.Dispute += seconds(size, p.DisputeBytesPerSecond)
	return d
}

// seconds is size / rate in whole seconds, rounded up.
func seconds(size, rate uint64) time.Duration {
	return time.Duration((size+rate-1)/rate) * time.Second
}

// Blocks returns how many blocks pass in d, rounded up: ceil(d / block).
func Blocks(d, block time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return int64((d-1)/block) + 1
}

// CheckCoin refuses a coin of another denomination than the module's and an
// amount that is not from 1 to 2^64-1.
func (p Params) CheckCoin(what string, coin sdk.Coin) error {
	if coin.Denom != p.Denom {
		return errorsmod.Wrapf(ErrDenom, "%s is in %q, only %s is taken", what, coin.Denom, p.Denom)
	}
	return checkAmount(what, coin.Amount)
}

func checkAmount(what string, amount math.Int) error {
	if amount.IsNil() || !amount.IsPositive() || !amount.IsUint64() {
		return errorsmod.Wrap(ErrAmount, fmt.Sprintf("%s must be from 1 to 2^64-1", what))
	}
	return nil
}

// ValidateBasic checks what needs no state; the keeper checks the rest.
func (m *MsgUpdateParams) ValidateBasic() error { return m.Params.Validate() }
