// Package group is the ristretto255 suite of the exchange: elements, scalars,
// their encodings, and the hashes into both.
//
// It is the only package that imports the group library. Proofs, ciphertexts and signed
// statements are in exchange/proof, exchange/seal and exchange/attest, which build on
// it.
//
// Three rules hold everywhere and are enforced here:
//
//   - an encoding that comes from outside is canonical or refused: elements as
//     RFC 9496 decodes them, scalars as 32 little-endian bytes below the order q;
//   - a Point is never the identity, whether decoded, derived or computed;
//   - a Scalar may be a secret, so it never prints itself.
//
// Every hash is SHA-512 over frames; see Frame. A concatenation of frames can be read
// in one way only, so that two different lists of labels and values never give the same
// input.
//
// Points and scalars are immutable values, safe for concurrent use. The time that a
// function whose name begins with VarTime takes depends on its scalars: verifiers may
// use it, but never with a secret.
//
// # Notation
//
// The exchange packages use the letters of docs/spec/exchange.md. Points are capitals,
// scalars are small letters, and · multiplies a point by a scalar. A parameter named
// key is S unless its function says otherwise, a parameter named nonce is the
// dataset's.
//
//	g               the generator of the group; q is its order
//	s, S = s·g      the secret scalar and the public key of one dataset
//	nonce           32 random bytes, new for every dataset in every pool
//	H               a point derived from S and nonce: DatasetBase
//	M = s·H         the opening, which decrypts the whole dataset
//	H_j             a point derived from S, nonce and j: BlockBase
//	M_j = s·H_j     the key of block j, counted from 0
//	b, B = b·g      the secret and the public key of a pool's buyer
//	r               a random scalar, new for every delivery
//	D1 = r·g        the two points of a delivery,
//	D2 = M + r·B    which is M encrypted to B
//	‖               concatenation of bytes
//	LE32, LE64      integers of 4 and 8 bytes, little-endian
//	BE64            an integer of 8 bytes, big-endian
package group
