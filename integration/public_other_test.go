//go:build !linux

package integration_test

import "testing"

func TestPublicSale(t *testing.T) { t.Skip("network namespaces: Linux is needed") }
