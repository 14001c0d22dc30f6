// Package backup is the file format of a home's backup: which files it has, how they
// are framed and encrypted, and how such a file is read when nobody knows who made it.
//
// A backup is an age file (filippo.io/age), encrypted to a passphrase, of an
// uncompressed tar archive. The first entry, backup.json, is the [Header]; the last,
// end.json, the [Summary]; between them lie the files of the home:
//
//	config.yaml        the configuration
//	storage.key        the storage key, encrypted to the home's passphrase
//	node.db            a consistent copy of the database, with all keys sealed in it
//	disclosed/…        records that were disclosed in sales that go on
//	blobs/CID          ciphertexts and documents that nobody else serves
//
// So 'age --decrypt FILE | tar --list' shows what is in it. age authenticates every
// byte and the end: a file that was cut off, changed or put together from parts
// does not open. [Extract] trusts none of it all the same: names that are not in the
// list above, links, sparse files, and more bytes than were read are refused.
//
// The package knows no roles and no database: package node says what goes in, and
// puts in place what comes out.
package backup
