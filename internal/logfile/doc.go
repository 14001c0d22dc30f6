// Package logfile keeps the newest lines of a log in a folder, up to a number of bytes, and
// reads them while they are written.
//
// There are two files: one is written until it has half of the bytes, then it takes the place
// of the older one. Lines are not synced: what a power cut takes is the end of a log.
package logfile
