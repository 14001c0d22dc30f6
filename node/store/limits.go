package store

const (
	// MaxDocument bounds one encoded document, in bytes. The largest that a node writes is
	// a sale with its validators' findings, about 100 KiB.
	MaxDocument = 4 << 20

	// MaxAside bounds a list of the quarantine, in rows: a page for a person. A failing
	// disk damages more rows, which then need not be named one by one.
	MaxAside = 20

	// MaxFeed bounds the names of changed rows that wait in a feed, about 100 bytes each.
	// Beyond it, reading the whole table costs no more than reading them one by one.
	MaxFeed = 4096

	// MaxSecret bounds one secret, in bytes: keys and seeds are 32 to 200 bytes.
	MaxSecret = 64 << 10

	// triedSecrets is how many secrets are tried to tell a foreign key from a damaged
	// row: one good row is enough, and a node has a dozen.
	triedSecrets = 16

	// maxWorkFactor is the most that UnlockKey will do for a file: 22 needs 4 GiB,
	// so a file that somebody swapped cannot exhaust the machine further.
	maxWorkFactor = 22

	// maxKeyFile bounds a key file, in bytes: age's header and one short chunk
	// are below 300.
	maxKeyFile = 4 << 10
)
