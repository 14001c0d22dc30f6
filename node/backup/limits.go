package backup

const (
	// version of the format; readers refuse newer ones.
	version = 1

	// maxEntries bounds the entries of an archive: a folder for sale has 100,000
	// files at most, and several may be on sale.
	maxEntries = 1_000_000

	// maxName bounds the name of an entry, in bytes: a path in a folder has 4,096.
	maxName = 4096 + 256

	// maxJSON bounds header and summary, in bytes: a hundred for each deal that is
	// listed and not copied.
	maxJSON = 64 << 20

	// maxWorkFactor is the most scrypt work that a file may ask for: 22 needs 4 GiB,
	// so a file that somebody made up cannot exhaust the machine further.
	maxWorkFactor = 22
)
