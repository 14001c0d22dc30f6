package fields

const (
	// MaxFields bounds the disclosed fields of a document, as the chain bounds
	// those of an offer.
	MaxFields = 256
	// MaxPointerBytes bounds a JSON pointer of a document, as the chain bounds
	// those of an offer.
	MaxPointerBytes = 256
)
