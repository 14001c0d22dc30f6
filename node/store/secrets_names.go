package store

import "context"

// Names lists the names of secrets that begin with prefix, in their byte order.
func (s *Secrets) Names(ctx context.Context, prefix string) (names []string, err error) {
	rows, err := s.db.reader.QueryContext(ctx, "SELECT name FROM secrets WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name", prefix)
	if err != nil {
		return nil, explain("list secrets "+prefix, err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, explain("list secrets "+prefix, err)
		}
		names = append(names, name)
	}
	return names, explain("list secrets "+prefix, rows.Err())
}
