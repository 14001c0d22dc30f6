package main

import (
	"fmt"
	"strconv"
	"strings"
)

// bytesFlag is a number of bytes as people write it.
type bytesFlag uint64

var units = []struct {
	name string
	size uint64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}}

// Set reads it.
func (b *bytesFlag) Set(text string) error {
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 32)
		if err != nil || n == 0 {
			return fmt.Errorf("%q is not a number of bytes: write 1073741824, 1024MiB or 1GiB", text)
		}
		*b = bytesFlag(n * u.size)
		return nil
	}
	return nil
}

// String writes it.
func (b *bytesFlag) String() string { return sizeText(uint64(*b)) }

func sizeText(n uint64) string {
	for _, u := range units {
		if n > 0 && n%u.size == 0 {
			return strings.TrimSpace(fmt.Sprintf("%d %s", n/u.size, u.name))
		}
	}
	return "0"
}

const (
	mega = 1e6
	mebi = 1 << 20
	gibi = 1 << 30
)
