package storetest

import "context"

// Secrets is a vault in memory that seals nothing: for tests only. The zero
// Secrets is empty and ready.
type Secrets struct{ table Table[[]byte] }

// Put keeps value under name.
func (s *Secrets) Put(ctx context.Context, name string, value []byte) error {
	return s.table.Put(ctx, name, value)
}

// Get is the value under name, or ErrNotFound.
func (s *Secrets) Get(ctx context.Context, name string) ([]byte, error) {
	return s.table.Get(ctx, name)
}

// Delete removes name.
func (s *Secrets) Delete(ctx context.Context, name string) error {
	return s.table.Delete(ctx, name)
}

// Names lists the names that begin with prefix, in order.
func (s *Secrets) Names(ctx context.Context, prefix string) ([]string, error) {
	return s.table.Names(ctx, prefix)
}
