package node

// Version of this build, set by the linker.
var Version = "dev"
