// Package contrib holds the files that run a node as a service of the system; 'pdx service install' fills
// in the program's path and installs them.
package contrib

import _ "embed"

// SystemdUnit is a hardened unit for systemd. It reads the passphrase from a credential.
//
//go:embed systemd/pdx.service
var SystemdUnit string

// LaunchdAgent is an agent for launchd with the marks @PROGRAM@, @HOME@ and @PASSPHRASE_FILE@.
//
//go:embed launchd/org.medibloc.pdx.plist
var LaunchdAgent string
