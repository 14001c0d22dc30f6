package strict

const (
	// MaxDepth bounds nesting, and with it the stack: FHIR resources nest less
	// than 20 deep, its JSON Schema less than 10.
	MaxDepth = 128
	// MaxNumberBytes bounds a number's text: exact decimals of 100 digits fit
	// twice, and arithmetic on them stays in the microseconds.
	MaxNumberBytes = 256
	// MaxExponent bounds a number's exponent. Every float64 (1e±308, with 17
	// digits ±324) fits; 1e1000000000, which would fill the memory when it is
	// expanded to compare it, does not.
	MaxExponent = 999
	// MaxTreeBytes bounds a text that Parse reads: positions in it have 4 bytes.
	MaxTreeBytes = 1<<32 - 1
)
