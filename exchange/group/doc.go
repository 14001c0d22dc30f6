// Package group is the ristretto255 suite of the exchange: elements, scalars,
// their encodings, and the hashes into both.
//
// It is the one place that touches the group library. It knows nothing of
// proofs, datasets' contents or money; exchange/proof, exchange/seal and
// exchange/attest stand on it.
//
// Three rules hold everywhere and are enforced here:
//
//   - an encoding that comes from outside is canonical or refused: elements as
//     RFC 9496 decodes them, scalars as 32 little-endian bytes below the order q;
//   - a Point is never the identity, whether decoded, derived or computed;
//   - a Scalar may be a secret, so it never prints itself.
//
// Every hash is SHA-512 over frames: LE32 length of the label, label, LE64
// length of the value, value. Frames cannot be split or joined into each other,
// so two different lists of values never hash alike.
//
// Points and scalars are immutable values, safe for concurrent use. Functions
// that begin with VarTime leak their scalars through time: they are for
// verifiers, never for secrets.
package group
