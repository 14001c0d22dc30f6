// Package move says what keeps a home from moving to another account, and moves its money and keys.
//
// Everything that is open belongs to the account that began it: only its key can go on with a deal, close a
// pool or withdraw. A home moves when nothing is open. It keeps the words of the former account, sealed, so
// that money that comes to it later is not lost.
package move
