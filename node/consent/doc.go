// Package consent makes and verifies records of consent: the exact fields, terms and price to
// which a seller agreed in one deal, signed by its account. Whoever has the file needs neither
// a node nor a network to verify it. docs/spec/consent.md specifies the document.
package consent
