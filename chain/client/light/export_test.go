package light

// DecodeSaved is for fuzzing.
var DecodeSaved = decodeSaved
