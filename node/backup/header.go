package backup

import (
	"time"

	"github.com/medibloc/pdx"
)

// Header says whose backup it is. It is the first entry.
type Header struct {
	Version int         `json:"version"`
	Made    time.Time   `json:"made"`
	By      string      `json:"by"` // the program's version
	ChainID string      `json:"chain_id"`
	Account pdx.Address `json:"account"`
	Bytes   uint64      `json:"bytes"` // of all files that follow, together
}

// Summary says what was copied and what was not. It is the last entry.
type Summary struct {
	Files  int      `json:"files"`
	Bytes  uint64   `json:"bytes"`
	Listed []Listed `json:"listed"`
}

// Listed is something that was not copied.
type Listed struct {
	Role  pdx.Role   `json:"role"`
	Deal  pdx.DealID `json:"deal"`
	Bytes uint64     `json:"bytes"`
	// Why it is not in the backup, and where it comes from after restoring.
	Why string `json:"why"`
}

// The names of the entries.
const (
	headerName  = "backup.json"
	summaryName = "end.json"

	Config     = "config.yaml"
	StorageKey = "storage.key"
	Database   = "node.db"
	Disclosed  = "disclosed" // a folder
	Blobs      = "blobs"     // a folder
)
