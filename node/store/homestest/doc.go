// Package homestest opens homes that an older pdx made, for tests that a node of
// today goes on with them. An archive holds one folder per home, each with
//
//   - node.db and storage.key, whose passphrase is "passphrase";
//   - blobs, the blob store;
//   - files, which lay at /tmp/pdx-old-home when the home was made;
//   - ledger.json, what the chain knew, as the test that made the home wrote it.
package homestest
