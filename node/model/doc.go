// Package model has what the roles and the local API exchange: types only.
//
// [Order], [Sale], [Data] and [Preview] are the seller's; [PoolRequest],
// [PullOrder] and [Pull] are the buyer's; [Duty] is the validator's. The API imports
// this package and no role, and no role imports another.
//
// Sales, data, pulls and pull orders are also what the node stores: the names of
// their fields, or the tags that stand for them, are the format on disk and do not
// change.
package model
