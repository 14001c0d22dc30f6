package soak

import (
	"encoding/json"
	"os"
	"sync"

	"github.com/medibloc/pdx/internal/durable"
)

// attackCount counts by name in a file, which another process reads.
type attackCount struct {
	mu    sync.Mutex
	file  string
	count map[string]int
}

func newAttackCount(file string) *attackCount {
	return &attackCount{file: file, count: map[string]int{}}
}

func (t *attackCount) add(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count[name]++
	raw, err := json.Marshal(t.count)
	if err != nil {
		return
	}
	_ = durable.Replace(t.file, raw) // the next one writes it again
}

func readAttackCount(file string) (count map[string]int, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return count, json.Unmarshal(raw, &count)
}
