package message

// MaxArgument bounds one argument, in bytes. The longest that must never be cut are
// the disclosed fields that a seller agrees to: 256 pointers of at most 256 bytes,
// each of which may become 4 when it is escaped, with spaces between.
const MaxArgument = 257 << 10
