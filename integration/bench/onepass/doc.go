// Package onepass measures how long a dataset takes from `pdx sell` to its ciphertext, and
// from its pull to the records in the buyer's folder, through real nodes.
//
// Both are given as ratios within one run: the sale by the rate at which the file is merely
// read and hashed with BLAKE3 on two cores, before and after it, and the opening by the time
// of the pull. Nothing of it is asserted.
//
//	PDX_ONEPASS         the size of the file, 1GiB if it is not set
//	PDX_ONEPASS_ROUNDS  how many datasets are sold, one after another; 1 if it is not set
//	PDX_BIN             the folder of other programs, those of an older commit for example
package onepass
