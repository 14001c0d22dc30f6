// Package findings records what is wrong with one record, by the paths of the values that break
// rules, without a value of it.
package findings
