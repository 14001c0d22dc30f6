package simulation

import (
	"errors"
	"fmt"
	"math/rand"

	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/baseapp"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// scene is the state in which an operation plays.
type scene struct {
	*rand.Rand
	ctx      sdk.Context
	accounts []simtypes.Account
	chainID  string
}

// operation delivers the message of an attempt and checks the invariants.
func (m Module) operation(o op) simtypes.Operation {
	return func(
		r *rand.Rand, app *baseapp.BaseApp, ctx sdk.Context, accounts []simtypes.Account, chainID string,
	) (simtypes.OperationMsg, []simtypes.FutureOperation, error) {
		planned := m.plan(ctx)
		msg, signer := o.make(scene{Rand: r, ctx: ctx, accounts: accounts, chainID: chainID})
		if msg == nil {
			m.refusals[o.name+": no use"]++
			return simtypes.NoOpMsg(types.ModuleName, o.name, "the state has no use for it"), planned, nil
		}
		err := m.run(r, app, ctx, chainID, signer, msg)
		if broken := m.invariants(ctx); broken != nil {
			return simtypes.NoOpMsg(types.ModuleName, o.name, "invariant broken"), nil,
				fmt.Errorf("after %s (%w): %w", o.name, errors.Join(err), broken)
		}
		if err != nil {
			result, err := m.refused(o.name, err)
			return result, planned, err
		}
		m.counts[sdk.MsgTypeURL(msg)]++
		return simtypes.NewOperationMsg(msg, true, ""), planned, nil
	}
}

func (m Module) invariants(ctx sdk.Context) error {
	if m.check == NoInvariant {
		return nil
	}
	return m.keeper.CheckInvariants(ctx)
}

// refused takes an error of the module for an answer and no other.
func (m Module) refused(name string, err error) (simtypes.OperationMsg, error) {
	var known *errorsmod.Error
	if errors.As(err, &known) && known.Codespace() == types.ModuleName && known != types.ErrPanic {
		m.refusals[name+": "+known.Error()]++
		return simtypes.NoOpMsg(types.ModuleName, name, known.Error()), nil
	}
	return simtypes.NoOpMsg(types.ModuleName, name, "failed"), fmt.Errorf("%s: %w", name, err)
}

// run delivers a message, signed by an account, or by governance if there is none.
func (m Module) run(r *rand.Rand, app *baseapp.BaseApp, ctx sdk.Context, chainID string, signer simtypes.Account, msg sdk.Msg) error {
	if signer.PrivKey == nil {
		branch, write := ctx.CacheContext()
		if _, err := app.MsgServiceRouter().Handler(msg)(branch, msg); err != nil {
			return err
		}
		write()
		return nil
	}
	account := m.accounts.GetAccount(ctx, signer.Address)
	tx, err := simtestutil.GenSignedMockTx(r, m.txConfig, []sdk.Msg{msg}, sdk.NewCoins(), simtestutil.DefaultGenTxGas, chainID,
		[]uint64{account.GetAccountNumber()}, []uint64{account.GetSequence()}, signer.PrivKey)
	if err != nil {
		return err
	}
	_, _, err = app.SimDeliver(m.txConfig.TxEncoder(), tx)
	return err
}

// account returns a random one.
func (s scene) account() simtypes.Account { return s.accounts[s.Intn(len(s.accounts))] }

// of finds the account of an address.
func (s scene) of(address string) simtypes.Account {
	for _, account := range s.accounts {
		if account.Address.String() == address {
			return account
		}
	}
	return s.account()
}

// one in n.
func (s scene) oneIn(n int) bool { return s.Intn(n) == 0 }
