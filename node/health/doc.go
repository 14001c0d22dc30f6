// Package health turns facts about a node into the lines that `pdx status` shows: which
// part, whether it is in order, and what the owner can do about it. Its functions are
// pure; node gathers the facts.
package health
