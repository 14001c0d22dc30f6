package pdx

import (
	"fmt"
	"strconv"
)

// PoolID numbers the pools of a chain from 1.
type PoolID uint64

// DealID numbers the deals of a chain from 1.
type DealID uint64

// String is the decimal number.
func (id PoolID) String() string { return strconv.FormatUint(uint64(id), 10) }

// String is the decimal number.
func (id DealID) String() string { return strconv.FormatUint(uint64(id), 10) }

// ParsePoolID reads a pool number as a person types it.
func ParsePoolID(s string) (PoolID, error) {
	n, err := parseID(s)
	if err != nil {
		return 0, fmt.Errorf("pool %q: %w", s, err)
	}
	return PoolID(n), nil
}

// ParseDealID reads a deal number as a person types it.
func ParseDealID(s string) (DealID, error) {
	n, err := parseID(s)
	if err != nil {
		return 0, fmt.Errorf("deal %q: %w", s, err)
	}
	return DealID(n), nil
}

func parseID(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%w: a whole number from 1 is wanted", ErrInvalid)
	}
	return n, nil
}

// Address is an account in bech32 under AddressPrefix, "panacea1…". This package does not
// check it.
type Address string

// AddressPrefix is the human-readable part of every Address: the text before its digit 1.
const AddressPrefix = "panacea"

// Role is what an account does in a pool.
type Role string

// The roles.
const (
	RoleSeller    Role = "seller"
	RoleBuyer     Role = "buyer"
	RoleValidator Role = "validator"
)
