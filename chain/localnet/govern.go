package localnet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/endpoints"
)

const (
	// proposeGas and voteGas are about twice what such transactions take; a
	// proposal is stored with its messages.
	proposeGas = 2_000_000
	voteGas    = 300_000
	// votersMoney pays the fee of a vote.
	votersMoney pdx.Amount = 10_000_000
)

// GovernanceAddress returns the account of governance, which is the authority of an
// accepted proposal.
func GovernanceAddress() pdx.Address {
	return pdx.Address(authtypes.NewModuleAddress(govtypes.ModuleName).String())
}

// Govern makes the governance of the running chain in dir execute messages: the faucet
// proposes them and pays the deposit, and the operator, who has all the stake, votes for
// them. It returns when they were executed, which is after the voting period;
// pdx.ErrRefused if they failed, and ErrNotRunning if no chain runs.
func Govern(ctx context.Context, dir, title string, msgs ...sdk.Msg) error {
	where, err := ReadEndpoints(dir)
	if err != nil {
		return err
	}
	voter, err := openAccount(home(dir), where, operatorKey(0))
	if err != nil {
		return err
	}
	defer voter.conn.Close()
	id, err := propose(ctx, dir, where, voter.address, title, msgs)
	if err != nil {
		return err
	}
	if _, err := voter.send(ctx, voteGas, govv1.NewMsgVote(voter.address, id, govv1.OptionYes, "")); err != nil {
		return fmt.Errorf("vote: %w", err)
	}
	return voter.executed(ctx, id)
}

// propose has the faucet send the voter its fee, and the proposal.
func propose(
	ctx context.Context, dir string, where endpoints.Endpoints, voter sdk.AccAddress, title string, msgs []sdk.Msg,
) (id uint64, err error) {
	err = withFaucet(ctx, dir, where, func(f *account) error {
		params, err := govv1.NewQueryClient(f.conn).Params(ctx, &govv1.QueryParamsRequest{})
		if err != nil {
			return fmt.Errorf("read governance: %w", err)
		}
		proposal, err := govv1.NewMsgSubmitProposal(msgs, params.Params.MinDeposit, f.address.String(), "", title, title, false)
		if err != nil {
			return fmt.Errorf("%w: proposal: %w", pdx.ErrInvalid, err)
		}
		done, err := f.send(ctx, proposeGas,
			&banktypes.MsgSend{FromAddress: f.address.String(), ToAddress: voter.String(), Amount: coins(votersMoney)}, proposal)
		if err != nil {
			return fmt.Errorf("propose: %w", err)
		}
		id, err = proposalOf(done)
		return err
	})
	return id, err
}

// proposalOf reads the number that the chain gave a proposal.
func proposalOf(done *sdk.TxResponse) (uint64, error) {
	for _, event := range done.Events {
		for _, a := range event.Attributes {
			if event.Type == govtypes.EventTypeSubmitProposal && a.Key == govtypes.AttributeKeyProposalID {
				n, err := math.ParseUint(a.Value)
				if err != nil {
					return 0, fmt.Errorf("%w: proposal %q: %w", pdx.ErrCorrupt, a.Value, err)
				}
				return n.Uint64(), nil
			}
		}
	}
	return 0, errors.Join(pdx.ErrCorrupt, errors.New("the chain names no proposal"))
}

// executed waits until the proposal has passed.
func (a *account) executed(ctx context.Context, id uint64) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		res, err := govv1.NewQueryClient(a.conn).Proposal(ctx, &govv1.QueryProposalRequest{ProposalId: id})
		if err != nil {
			return fmt.Errorf("read proposal %d: %w", id, err)
		}
		switch res.Proposal.Status {
		case govv1.StatusPassed:
			return nil
		case govv1.StatusFailed, govv1.StatusRejected:
			return fmt.Errorf("proposal %d: %w: %s", id, pdx.ErrRefused, res.Proposal.FailedReason)
		default: // it is being voted on
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for proposal %d: %w", id, ctx.Err())
		}
	}
}
