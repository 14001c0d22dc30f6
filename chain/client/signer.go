package client

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
)

// signer is what the next signature needs: the account's number and sequence.
// The chain tells the committed sequence; transactions in the mempool are
// counted here.
type signer struct {
	known            bool
	number, sequence uint64
}

// load asks the chain once.
func (s *signer) load(ctx context.Context, c *Client) error {
	if s.known {
		return nil
	}
	res, err := c.auth.AccountInfo(ctx, &authtypes.QueryAccountInfoRequest{Address: string(c.account)})
	if status.Code(err) == codes.NotFound {
		return fmt.Errorf("account %s: %w: it holds nothing on %s yet; send it some %s first", c.account, pdx.ErrNoFunds, c.cfg.ChainID, pdx.Denom)
	}
	if err != nil {
		return queryError(fmt.Sprintf("account %s", c.account), err)
	}
	*s = signer{known: true, number: res.Info.AccountNumber, sequence: res.Info.Sequence}
	return nil
}

func (s *signer) forget() { s.known = false }

// expected is how the SDK names the sequence that it wanted.
var expected = regexp.MustCompile(`account sequence mismatch, expected (\d+), got \d+`)

// correct takes the sequence that the chain wanted out of its refusal, and
// tells whether signing anew may help.
func (s *signer) correct(r *Refusal) bool {
	if r.Codespace != sdkerrors.RootCodespace || r.Code != sdkerrors.ErrWrongSequence.ABCICode() {
		return false
	}
	match := expected.FindStringSubmatch(r.Log)
	if match == nil {
		s.forget()
		return true
	}
	next, err := strconv.ParseUint(match[1], 10, 64)
	if err != nil {
		s.forget()
		return true
	}
	s.sequence = next
	return true
}

func (c *Client) resetSequence() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.signer.forget()
}
