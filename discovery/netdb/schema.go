package netdb

// schemaVersion is the version of schema. A file of another version is set
// aside like a damaged one.
const schemaVersion = 1

// schema of the file. The weight of a group is peerWeight for each of its peers
// plus one for each of their records; it is kept up to date with every change,
// so that nothing is ever counted.
const schema = `
CREATE TABLE own (
	key   TEXT NOT NULL PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE groups (
	id     INTEGER PRIMARY KEY,
	prefix BLOB    NOT NULL UNIQUE,
	weight INTEGER NOT NULL
) STRICT;
CREATE INDEX groups_weight ON groups (weight);

CREATE TABLE peers (
	id      INTEGER PRIMARY KEY,
	peer    BLOB    NOT NULL UNIQUE,
	grp     INTEGER NOT NULL,
	records INTEGER NOT NULL,
	addrs   BLOB    NOT NULL
) STRICT;
CREATE INDEX peers_size ON peers (grp, records);

CREATE TABLE records (
	id      INTEGER PRIMARY KEY,
	key     BLOB    NOT NULL,
	peer    INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	UNIQUE (key, peer)
) STRICT;
CREATE INDEX records_peer ON records (peer, expires);
CREATE INDEX records_expires ON records (expires);

CREATE TABLE contacts (
	peer   BLOB    NOT NULL PRIMARY KEY,
	grp    BLOB    NOT NULL,
	proven INTEGER NOT NULL,
	seen   INTEGER NOT NULL,
	addrs  BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_group ON contacts (grp, proven, seen);
CREATE INDEX contacts_order ON contacts (proven, seen);
`
