// Package receipt makes and verifies receipts: what the chain recorded of a deal, with the
// proof that leads from that record to the hash of one block. Whoever trusts the hash needs
// neither a node nor a network. docs/spec/receipt.md specifies the document.
package receipt
