// Package seal turns a stream of plaintext into the ciphertext that is sold, and
// back, and holds the keys for it.
//
// A seller keeps one master Seed. From it and a random nonce, new for every
// dataset and every pool, comes the dataset's Key: a secret scalar s with its
// public S = s·g, and M = s·H, the one element that opens everything. M travels
// encrypted to the buyer's key (Key.Deliver, BuyerKey.Recover) and is shown to
// validators (Key.ProveOpening); OpenDataset turns it back into a Key by way of
// the box, which holds s sealed under M.
//
// The ciphertext is a run of segments of 65,536 bytes, 16 of them a tag; the
// last is always shorter, so cutting at a border is noticed. Sixteen segments
// are a block and share a key, M_j = s·H_j, so that a single block can be
// opened to somebody without the rest. Beside the ciphertext, Seal yields
// Facts: the size, the box, a commitment to the key, and a keyed commitment to
// the plaintext, never a bare hash of it.
//
// Blocks are sealed and opened independently of each other; memory stays at a few
// blocks whatever the size. The package does no addressing (exchange/bao),
// no storing and no talking; sizes are bytes, indices count from 0.
//
// A Key may be used from many goroutines, but it seals once: two plaintexts
// under one nonce would break both. A Remaker makes the same ciphertext again;
// read there what must be verified before any of it leaves. Secrets redact
// themselves.
package seal
