//go:build race

package jail

// raced: the race detector takes more memory and system calls than the fences leave it.
const raced = true
