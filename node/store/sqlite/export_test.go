package sqlite

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/medibloc/pdx/node/store"
)

func writerOf(db *store.DB) *sql.DB { return db.Backend().(*Backend).writer }

// LimitPages lets the database grow to so many pages and no further.
func LimitPages(t *testing.T, db *store.DB, pages int) {
	t.Helper()
	if _, err := writerOf(db).Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
		t.Fatal(err)
	}
}

// QueryOnly makes SQLite refuse writes as it does on a read-only disk.
func QueryOnly(t *testing.T, db *store.DB) {
	t.Helper()
	if _, err := writerOf(db).Exec("PRAGMA query_only = 1"); err != nil {
		t.Fatal(err)
	}
}

// SwapSecrets exchanges the names of two rows.
func SwapSecrets(t *testing.T, db *store.DB, a, b string) {
	t.Helper()
	for _, rename := range [][2]string{{a, "aside"}, {b, a}, {"aside", b}} {
		if _, err := writerOf(db).Exec("UPDATE secrets SET name = ?2 WHERE name = ?1", rename[0], rename[1]); err != nil {
			t.Fatal(err)
		}
	}
}

// SpoilRow changes a byte of a stored document behind the store's back.
func SpoilRow(t *testing.T, db *store.DB, table, key string, at int) {
	t.Helper()
	var body []byte
	if err := writerOf(db).QueryRow("SELECT body FROM documents WHERE collection = ? AND key = ?", table, key).Scan(&body); err != nil {
		t.Fatal(err)
	}
	body[at%len(body)] ^= 1
	if _, err := writerOf(db).Exec("UPDATE documents SET body = ? WHERE collection = ? AND key = ?", body, table, key); err != nil {
		t.Fatal(err)
	}
}

// AdoptStep is how many rows from before checksums are adopted at once.
const AdoptStep = adoptStep
