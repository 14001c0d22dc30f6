package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every command has a page, which man reads without a complaint, and which shows nothing of this machine.
func TestManPages(t *testing.T) {
	t.Setenv("HOME", "/of/maker-of-pages")
	folder := filepath.Join(t.TempDir(), "man1")
	code, _, errs := runIn(t, t.TempDir(), "man", folder)
	require.Zero(t, code, errs)
	pages, err := filepath.Glob(filepath.Join(folder, "*.1"))
	require.NoError(t, err)
	root := (&app{}).command()
	require.Len(t, pages, len(verbs(root))+1)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		require.NotContains(t, string(text), "maker-of-pages")
	}
	create, err := os.ReadFile(filepath.Join(folder, "pdx-pool-create.1"))
	require.NoError(t, err)
	for _, wanted := range []string{".TH \"PDX\\-POOL\\-CREATE\" \"1\"", ".B \"\\-\\-price AMOUNT\"", "pdx\\-pool(1)"} {
		require.Contains(t, string(create), wanted)
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff, which would read the pages, is not installed")
	}
	out, err := exec.CommandContext(t.Context(), groff, append([]string{"-man", "-Tutf8", "-ww", "-z"}, pages...)...).CombinedOutput()
	require.NoError(t, err)
	require.Empty(t, strings.TrimSpace(string(out)))
}

func TestTextInRoff(t *testing.T) {
	m := &man{}
	m.text(".dot\n'quote\na\\b -c")
	require.Equal(t, "\\&.dot\n\\&'quote\na\\eb \\-c\n", m.String())
}
