package ack

// PerPeer is how many handovers of one peer are in work at once.
var PerPeer = limits.PerPeer
