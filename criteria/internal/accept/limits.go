package accept

const (
	// maxNodes bounds the nodes of a program: of a schema of 24,000 subschemas there are as
	// many, and more where fields are disclosed in part.
	maxNodes = 64_000
	// maxInPlace bounds how many subschemas hold for one value within each other. The judge
	// allows 8,192 for all levels of a record together, of which there are at most 128.
	maxInPlace = 32
	// maxUnknown bounds the members of one object that the schema does not name, and the
	// elements of an array that must be distinct: each is compared with those before it.
	maxUnknown = 64
	// maxText bounds strings whose format is checked, in bytes. The judge allows more.
	maxText = 4 << 10

	// stepsPerValue and stepsPerMember are at least what the judge spends on a value, for the
	// chain of references that leads to its keywords, and on a member besides its value.
	stepsPerValue  = maxAliases + 8
	stepsPerMember = 8
	// maxAliases bounds that chain.
	maxAliases = 8
	// bytesPerStep and stepsPerLook are at least what the judge spends on reading a string,
	// for each keyword that reads it.
	bytesPerStep = 64
	stepsPerLook = 1
	// stepsPerEscaped is more for a string with an escape, for each of its bytes.
	stepsPerEscaped = 1
	// stepsPerExponent is more for a number with an exponent.
	stepsPerExponent = 512
)
