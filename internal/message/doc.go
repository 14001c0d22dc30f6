// Package message holds every text that the command line and the page show, in one
// catalogue file for each language (en.yaml is English). A translation is a new
// file beside it and touches no code: keys that it leaves out are shown in English.
//
// A key says what its text says: deal.none is shown when there is no deal. In a text,
// {name} stands for an argument. A text that depends on a number has one form
// for each plural category of its language (CLDR: one, other, …), chosen by
// the argument n:
//
//	records:
//	  one: "{n} record"
//	  other: "{n} records"
//
// Arguments may be foreign: each becomes one clean line (package text). A test of
// the whole tree finds keys that are missing or unused, and arguments that do
// not fit (texts_test.go).
package message
