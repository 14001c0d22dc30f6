package pdx_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// decisionHead matches what a page of docs/adr begins with: number, title, date, status.
var decisionHead = regexp.MustCompile(`^# (\d{4}) (\S.*)\n\n` +
	`Date: \d{4}-\d\d-\d\d\n` +
	`Status: (?:proposed|accepted|superseded by \[(\d{4})\]\(\S+\))(?:; .+)?\n\n## Context\n`)

var decisionParts = []string{"Context", "Decision", "Rejected", "Consequences"}

// TestDecisions holds the pages of docs/adr against docs/adr/template.md, and the
// index against the pages.
func TestDecisions(t *testing.T) {
	index, err := os.ReadFile("docs/adr/README.md")
	require.NoError(t, err)
	pages, err := filepath.Glob("docs/adr/[0-9]*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, page := range pages {
		raw, err := os.ReadFile(page)
		require.NoError(t, err)
		base := filepath.Base(page)
		head := decisionHead.FindStringSubmatch(string(raw))
		require.NotNil(t, head, "%s: begin it as docs/adr/template.md", base)
		require.True(t, strings.HasPrefix(base, head[1]+"-"), "%s: its number is %s", base, head[1])
		require.Equal(t, decisionParts, partsWithText(string(raw)), "%s: it needs these sections, in order, each with text", base)
		require.Contains(t, string(index), "| ["+head[1]+"]("+base+") | "+head[2]+" |", "docs/adr/README.md lacks the page or its title")
		if head[3] != "" {
			require.True(t, slices.ContainsFunc(pages, func(p string) bool { return strings.HasPrefix(filepath.Base(p), head[3]+"-") }),
				"%s: no page %s supersedes it", base, head[3])
		}
	}
	listed := regexp.MustCompile(`\]\((\d{4}-\S+\.md)\)`).FindAllStringSubmatch(string(index), -1)
	require.Len(t, listed, len(pages), "docs/adr/README.md lists pages that do not exist, or one twice")
}

// partsWithText returns the headings of second level that have text below them.
func partsWithText(page string) (parts []string) {
	for _, part := range strings.Split(page, "\n## ")[1:] {
		if heading, text, _ := strings.Cut(part, "\n"); strings.TrimSpace(text) != "" {
			parts = append(parts, heading)
		}
	}
	return parts
}

// TestTargets holds that make help lists every target of the Makefile.
func TestTargets(t *testing.T) {
	raw, err := os.ReadFile("Makefile")
	require.NoError(t, err)
	targets := regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`).FindAllStringSubmatch(string(raw), -1)
	require.NotEmpty(t, targets)
	for _, target := range targets {
		require.Regexp(t, `(?m)^## `+target[1]+`: \S`, string(raw), "target %s needs a line '## %s: …'", target[1], target[1])
	}
}

var (
	link  = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	fence = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
)

// TestLinks holds that every relative link in the documents leads to a file.
func TestLinks(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", ".github/*.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		pages = append(pages, found...)
	}
	require.Greater(t, len(pages), 20)
	for _, page := range pages {
		raw, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, to := range link.FindAllStringSubmatch(fence.ReplaceAllString(string(raw), ""), -1) {
			if strings.Contains(to[1], "://") || strings.HasPrefix(to[1], "mailto:") || strings.Contains(to[1], "NNNN") {
				continue
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(page), to[1]))
			require.NoError(t, err, "%s links to %s", page, to[1])
		}
	}
}

// TestForeignProtos holds the versions of other people's .proto files that the
// specification names against those that this module is built with.
func TestForeignProtos(t *testing.T) {
	spec, err := os.ReadFile("docs/spec/README.md")
	require.NoError(t, err)
	module, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	row := regexp.MustCompile(`(?m)^\| ` + "`[a-z_/…`, ]+" + ` \| (github\.com/[^ ,]+)[^|]* \| (v[^ ]+) \|$`)
	rows := row.FindAllStringSubmatch(string(spec), -1)
	require.Len(t, rows, 4)
	for _, row := range rows {
		require.Contains(t, string(module), "\t"+row[1]+" "+row[2], "docs/spec/README.md names another version than go.mod")
	}
}
