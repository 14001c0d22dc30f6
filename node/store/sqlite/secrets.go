package sqlite

import "context"

// Sealed returns a sealed secret.
func (b *Backend) Sealed(ctx context.Context, name string) (sealed []byte, err error) {
	err = b.pool.QueryRowContext(ctx, "SELECT sealed FROM secrets WHERE name = ?", name).Scan(&sealed)
	return sealed, meaning(err)
}

// PutSealed writes a sealed secret.
func (b *Backend) PutSealed(ctx context.Context, name string, sealed []byte) error {
	_, err := b.writer.ExecContext(ctx,
		"INSERT INTO secrets (name, sealed) VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed", name, sealed)
	return meaning(err)
}

// DeleteSealed overwrites and removes a sealed secret. Copies in backups remain.
func (b *Backend) DeleteSealed(ctx context.Context, name string) error {
	_, err := b.writer.ExecContext(ctx, "DELETE FROM secrets WHERE name = ?", name)
	return meaning(err)
}

// SealedNames returns names that begin with prefix.
func (b *Backend) SealedNames(ctx context.Context, prefix string, limit int) (names []string, err error) {
	if limit == 0 {
		limit = -1 // SQLite's "no limit"
	}
	rows, err := b.pool.QueryContext(ctx,
		"SELECT name FROM secrets WHERE name >= ?1 AND substr(name, 1, length(?1)) = ?1 ORDER BY name LIMIT ?2", prefix, limit)
	if err != nil {
		return nil, meaning(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, meaning(err)
		}
		names = append(names, name)
	}
	return names, meaning(rows.Err())
}
