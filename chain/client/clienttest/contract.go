package clienttest

import (
	"context"
	"testing"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Ledger is what the suite asks of a ledger.
type Ledger interface {
	Account() pdx.Address
	Head(ctx context.Context) (pdx.Head, error)
	Params(ctx context.Context) (types.Params, error)
	OfferDeposit(ctx context.Context, pool pdx.Pool, fields []string, validators int) (pdx.Amount, error)
	Balance(ctx context.Context, account pdx.Address) (pdx.Amount, error)
	Withdrawable(ctx context.Context, account pdx.Address) (pdx.Amount, error)
	Withdraw(ctx context.Context) (pdx.Amount, error)

	Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error)
	Pools(ctx context.Context, f pdx.PoolFilter) (pools []pdx.Pool, next string, err error)
	TagKeys(ctx context.Context, id pdx.PoolID) ([][]byte, error)
	CreatePool(ctx context.Context, p pdx.NewPool) (pdx.PoolID, error)
	// ClosePool is called with anyCost where the cost is not what a test is about.
	ClosePool(ctx context.Context, id pdx.PoolID, maxCost pdx.Amount) (refund, held pdx.Amount, err error)

	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
	DealByRoot(ctx context.Context, pool pdx.PoolID, root pdx.ContentID, key pdx.Element) (pdx.Deal, error)
	Deals(ctx context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error)
	Offer(ctx context.Context, o pdx.Offer) (pdx.DealID, error)
	Reveal(ctx context.Context, r pdx.Reveal) error
	Draw(ctx context.Context, pool pdx.PoolID) error
	WithdrawOffer(ctx context.Context, id pdx.DealID) error
	Certify(ctx context.Context, id pdx.DealID, facts [32]byte, c pdx.Certificate) error
	Ack(ctx context.Context, deals []pdx.AckedDeal) error
	DefaultAck(ctx context.Context, id pdx.DealID) error
	Challenge(ctx context.Context, c pdx.NewChallenge) error
	Answer(ctx context.Context, a pdx.Answer) error
	Deliver(ctx context.Context, d pdx.Delivery) error
	Complain(ctx context.Context, c pdx.Complaint) (credited pdx.Amount, err error)
	Finalize(ctx context.Context, id pdx.DealID) error
	Expire(ctx context.Context, id pdx.DealID) (pdx.DealState, error)

	Validator(ctx context.Context, account pdx.Address) (pdx.Validator, error)
	Validators(ctx context.Context) ([]pdx.Validator, error)
	RegisterValidator(ctx context.Context, v pdx.Validator) error
	UpdateValidator(ctx context.Context, v pdx.Validator) error
	AddBond(ctx context.Context, amount pdx.Amount) error
	SetCommission(ctx context.Context, basisPoints uint32) error
	SetConditions(ctx context.Context, c pdx.Conditions) error
	Unbond(ctx context.Context) (free time.Time, err error)
	Unjail(ctx context.Context) error

	Follow(ctx context.Context, from int64, handle func(client.Block) error, lost func(error)) error
}

var (
	_ Ledger = (*client.Ledger)(nil)
	_ Ledger = (*client.Client)(nil)
)

// Chain is a fresh chain under test. Deadlines of a second must be allowed on it,
// and bonds and jails last seconds.
type Chain interface {
	// As returns the ledger of the account with this name, one of Names. All but
	// Poor have Wealth.
	As(name string) Ledger
	// Pass returns once the last block is beyond a height and a time, and
	// queries see it.
	Pass(height int64, t time.Time)
	// Interrupt cuts every ledger off while during runs.
	Interrupt(during func())
	// Sign signs with the key of the account with this name.
	Sign(name string, message []byte) (signature, publicKey []byte)
	// FeeLimit returns the most that one transaction costs beside its purpose.
	FeeLimit() pdx.Amount
}

// Poor is the name of the account that never received money.
const Poor = "poor"

// Wealth is the least initial balance of every other account, in umed.
const Wealth pdx.Amount = 100_000_000_000

// Names returns the accounts of a Chain.
func Names() []string {
	return []string{"buyer", "seller", "other", "validator 0", "validator 1", "validator 2", Poor}
}

// Run checks that a ledger keeps the contract: what each call returns and
// refuses, what it costs, and that no step on the chain is missed or told twice.
// Each test gets a chain of its own.
func Run(t *testing.T, newChain func(t *testing.T) Chain) {
	for _, test := range []struct {
		name string
		run  func(m *market)
	}{
		{"a deal from offer to payment", testDeal},
		{"deals that end by a deadline", testDeadlines},
		{"a pool and what it refuses", testPool},
		{"steps in the wrong order", testWrongState},
		{"refused steps cost nothing", testRefusedCostsNothing},
		{"offers and verdicts that are refused", testRefused},
		{"an account without money", testPoor},
		{"what is not there", testNotFound},
		{"lists, filters and cursors", testLists},
		{"validators", testValidators},
		{"a validator's life", testValidatorLife},
		{"validators drawn at random", testDraw},
		{"an offer that is withdrawn", testWithdrawOffer},
		{"a validator's conditions", testConditions},
		{"messages about another deal than the chain has", testFacts},
		{"a pool that refuses duplicates", testDuplicates},
		{"an ack by quorum", testQuorum},
		{"a challenge and its answer", testChallenge},
		{"an ack by voucher", testVoucher},
		{"a complaint about a segment", testComplainSegment},
		{"a complaint about the box", testComplainBox},
		{"many transactions of one account at once", testAtOnce},
		{"the stream of blocks", testFollow},
		{"the stream outlives disconnects", testFollowInterrupted},
		{"the ends of the stream", testFollowEnds},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(newMarket(t, newChain(t))) })
	}
}

// anyCost is more than the offers of any test cost.
const anyCost pdx.Amount = 1 << 40
