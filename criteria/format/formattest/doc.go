// Package formattest is the suite that every format of data passes. A format's test
// describes the format in a [Case], calls [Run], and fuzzes with [Fuzz].
package formattest
