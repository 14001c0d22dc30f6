// Package doctor examines a node's home from outside, whether its daemon runs or not: the
// configuration, who can read its files, the disk, the chain and the ports.
package doctor
