package keeper

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// ModuleAddress returns the account that holds the module's money.
func ModuleAddress() sdk.AccAddress { return address.Module(types.ModuleName) }

// account decodes an address and refuses one that is not in canonical form:
// bech32 may also be written in upper case, and the same account under two
// spellings would break every comparison and every signed context.
func (k Keeper) account(text string) (sdk.AccAddress, error) {
	raw, err := k.addresses.StringToBytes(text)
	if err != nil {
		return nil, errorsmod.Wrapf(types.ErrAddress, "%q: %s", text, err)
	}
	if canonical, err := k.addresses.BytesToString(raw); err != nil || canonical != text {
		return nil, errorsmod.Wrapf(types.ErrAddress, "%q is not in canonical form", text)
	}
	return raw, nil
}

// accountsOf checks addresses of which only the text is kept.
func (k Keeper) accountsOf(texts ...string) error {
	for _, text := range texts {
		if _, err := k.account(text); err != nil {
			return err
		}
	}
	return nil
}
