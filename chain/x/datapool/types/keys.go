package types

import "cosmossdk.io/collections"

// ModuleName names the module, its account and its error codespace.
const ModuleName = "datapool"

// StoreKey is the key of the module's store.
const StoreKey = ModuleName

// The prefixes of the store. A prefix is never reused for something else.
var (
	ParamsPrefix           = collections.NewPrefix(0)
	ValidatorsPrefix       = collections.NewPrefix(1)
	PoolsPrefix            = collections.NewPrefix(2)
	PoolsByStatusPrefix    = collections.NewPrefix(3)
	PoolsByBuyerPrefix     = collections.NewPrefix(4)
	NextPoolPrefix         = collections.NewPrefix(5)
	DealsPrefix            = collections.NewPrefix(6)
	DealsByPoolPrefix      = collections.NewPrefix(7)
	DealsBySellerPrefix    = collections.NewPrefix(8)
	DealsByBuyerPrefix     = collections.NewPrefix(9)
	NextDealPrefix         = collections.NewPrefix(11)
	RootsPrefix            = collections.NewPrefix(12)
	TagsPrefix             = collections.NewPrefix(13)
	BalancesPrefix         = collections.NewPrefix(14)
	PoolsByKeyPrefix       = collections.NewPrefix(17)
	DealsByValidatorPrefix = collections.NewPrefix(18)
	PoolsByPricePrefix     = collections.NewPrefix(20)
	PoolsByMediaTypePrefix = collections.NewPrefix(21)
	// QueuePrefix has empty values, beside which no absence can be proven: it must not lie next
	// to the balances.
	QueuePrefix       = collections.NewPrefix(22)
	UndrawnPrefix     = collections.NewPrefix(40)
	DrawBlocksPrefix  = collections.NewPrefix(41)
	PoolTermsPrefix   = collections.NewPrefix(60)
	DealFieldsPrefix  = collections.NewPrefix(61)
	ConditionsPrefix  = collections.NewPrefix(62)
	TotalsPrefix      = collections.NewPrefix(50)
	OffersPrefix      = collections.NewPrefix(51)
	OfferCountsPrefix = collections.NewPrefix(52)
	BondNoticePrefix  = collections.NewPrefix(53)
	PoolTagKeysPrefix = collections.NewPrefix(63)
	ChallengedPrefix  = collections.NewPrefix(72)
)
