package health

import (
	"fmt"
	"time"

	"github.com/medibloc/pdx/node/api"
)

// backupAge is the age from which on a backup is called old.
const backupAge = 30 * 24 * time.Hour

// Backup reminds of a backup: last is when one was made, zero for never. It is a reminder and no fault, so
// that nobody is called at night for it.
func Backup(last, now time.Time) []api.Health {
	const cure = "make one with 'pdx backup FILE'"
	switch age := now.Sub(last); {
	case last.IsZero():
		return []api.Health{{Part: "backup", OK: true, Message: "there is none yet; " + cure}}
	case age > backupAge:
		return []api.Health{{
			Part: "backup", OK: true, Message: fmt.Sprintf("the last one is %d days old; %s", int(age.Hours()/24), cure),
		}}
	}
	return nil
}
