//go:build !unix

package main

import "os"

// What a process uses is not told here.
func used() usage                           { return usage{} }
func usageOfProcess(*os.ProcessState) usage { return usage{} }
