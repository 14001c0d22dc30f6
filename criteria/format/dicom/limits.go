package dicom

const (
	// maxMeta bounds the elements of group 2, in bytes: they are a dozen short ones.
	maxMeta = 64 << 10
	// maxElements bounds the elements of a header, those in sequences too.
	maxElements = 100_000
	// maxNesting bounds sequences in sequences; structured reports have up to ten.
	maxNesting = 16
	// maxNumber bounds a number that is text, in bytes; the standard has 16.
	maxNumber = 64
	// maxShort is the longest value of a representation with a length of 16 bits.
	maxShort = 0xfffe
	// window is how much is read at once.
	window = 16 << 10
)
