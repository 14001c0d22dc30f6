// Package config reads, checks and writes the configuration of a node.
//
// A setting has a default (Default), which config.yaml in the node's home overrides,
// which an environment variable overrides in turn. Load refuses a setting that it
// does not know, by name and with the nearest known name, and reads the former name
// of a renamed setting for one version with a warning.
package config
