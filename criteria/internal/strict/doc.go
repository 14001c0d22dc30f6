// Package strict reads JSON the way a verdict about somebody's money must: one
// text has one meaning or it is refused.
//
// It refuses what encoding/json lets pass: duplicate member names, invalid
// UTF-8, lone surrogates, numbers too long or too large to compute with, and
// deep nesting. It never rounds a number and can hand out the exact bytes of
// every token, so that a document can be copied in part without being changed.
//
// A Scanner is for one goroutine. Nothing here keeps its input.
package strict
