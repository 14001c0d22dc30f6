package message

// maxArgument bounds one argument, in bytes. The longest that people are to read
// whole is the first record of a dataset; 64 KiB is some twenty screens.
const maxArgument = 64 << 10
