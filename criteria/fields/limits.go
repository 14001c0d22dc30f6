package fields

const (
	// MaxFields is the largest number of fields of a document, the same as the chain's
	// limit for an offer.
	MaxFields = 256
	// MaxPointerBytes is the largest length in bytes of a pointer, the same as the
	// chain's limit for an offer.
	MaxPointerBytes = 256
)
