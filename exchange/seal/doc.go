// Package seal encrypts a dataset into the ciphertext that is sold, decrypts it, and
// holds the keys for both. The letters are those of package group.
//
// A seller keeps one master Seed. From it and a random nonce, new for every dataset and
// every pool, comes the dataset's Key: a secret scalar s, its public key S = s·g, and M
// = s·H, the opening, from which the keys of the whole dataset follow. M is delivered
// to the buyer encrypted to the buyer's key (Key.Deliver, BuyerKey.Recover) and
// disclosed to validators with a proof (Key.ProveOpening). The box is s encrypted under
// M: with it, OpenDataset turns M back into a Key.
//
// The ciphertext is a sequence of segments of 65,536 bytes, of which 16 are a tag. The
// last segment is always shorter, so a ciphertext that is cut off at a segment boundary
// is detected. Sixteen segments are a block and share a key, M_j = s·H_j, so that one
// block can be opened to another party without the rest. Besides the ciphertext, Seal
// returns Facts: the size, the box, a commitment to the key, and a keyed commitment to
// the plaintext, never an unkeyed hash of it.
//
// Blocks are sealed and opened independently of each other, and memory is a few blocks
// whatever the size. Addresses of ciphertexts are in exchange/bao; the package stores
// and sends nothing. Sizes are in bytes, indices count from 0.
//
// A Key may be used from many goroutines, but it seals once: two plaintexts under one
// nonce would reveal both. A Remaker makes the same ciphertext again; its documentation
// says what must be verified before any of it leaves the machine. Secrets print as
// "[redacted]".
package seal
