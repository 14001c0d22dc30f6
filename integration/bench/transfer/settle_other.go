//go:build !linux

package main

func settle(string) {}

func congestion() string { return "unknown" }
