// Package broken has tests that do not compile.
package broken

var _ int = "not an int"
