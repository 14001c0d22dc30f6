// Package records reads the files and folders that a seller registered, and discloses parts
// of them: it surveys what they hold, writes projections of them, and opens what was
// disclosed for those who seal it.
//
// It knows data and disclosures, and no sales. What it opens is checked to be as it was by
// size and time only; whoever seals or serves it verifies the bytes.
package records
