// Package importer makes criteria of schemas that people already have: ODCS, the Open Data
// Contract Standard 3.0 and 3.1, and Frictionless Table Schema 1 and 2.
//
// Every member of a file is one of three things: a rule that is carried over, text or
// bookkeeping that says nothing of the data, or refused by its path. Nothing else is
// passed over; a rule is left out only if Options.Drop names it.
// docs/guides/criteria.md says how each rule is carried.
package importer
