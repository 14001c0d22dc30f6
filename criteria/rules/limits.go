package rules

const (
	// MaxRules bounds the rules of a document, and MaxAggregates its aggregates.
	MaxRules = 32
	// MaxAggregates is explained with MaxRules.
	MaxAggregates = 32
	// MaxExpressionBytes bounds one expression. The parser takes up to 2 ms for it.
	MaxExpressionBytes = 2048
	// MaxNameBytes bounds the name of a rule or an aggregate.
	MaxNameBytes = 32
	// MaxDistinct bounds the values that all aggregates "distinct" of a document remember
	// together, 16 bytes each; Go's map of that many takes 36 MB.
	MaxDistinct = 1_000_000
	// MaxEqualsBytes bounds the value of an aggregate "share".
	MaxEqualsBytes = 1024

	// maxNesting bounds how deep an expression is nested.
	maxNesting = 32
	// maxNodes bounds the operations, names and literals of one expression.
	maxNodes = 1024
	// maxPatternOps bounds a pattern of matches(), in operations of RE2's program.
	maxPatternOps = 1000
	// maxNumberBits bounds the numerator and the denominator of every number. The largest
	// number of a record, of 256 bytes with an exponent of 999, has 4,200 bits.
	maxNumberBits = 8192

	// All rules and aggregates together may take stepsBase + stepsPerByte for each byte
	// of a record. A step takes 20 to 100 ns, so this is 2 ms for a small record and
	// 0.5 MB/s at the slowest.
	stepsBase    = 20_000
	stepsPerByte = 20
	// stepsDataset is what all rules on the dataset may take together.
	stepsDataset = 100_000
	// stepsPerKept is what an element that filter or map keeps costs. It has up to 120 bytes.
	stepsPerKept = 64
	// bytesPerStep is how many bytes of a name or string are read for one step.
	bytesPerStep = 16
)
