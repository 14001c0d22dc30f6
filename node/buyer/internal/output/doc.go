// Package output writes what was bought into an order's folder: a file or a folder of records
// for each deal, and beside it a manifest that says where they come from.
//
// Files appear whole or not at all, and nothing that lies there already is overwritten. What
// an earlier run wrote counts as written.
package output
