package criteria

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format/formattest"
)

// The specification's examples, of both versions, are what this package does.
func TestSpecExample(t *testing.T) {
	spec, err := os.ReadFile("../docs/spec/criteria.md")
	require.NoError(t, err)
	var blocks [][]byte
	for _, match := range regexp.MustCompile("(?ms)^```[a-z]+\n(.*?)^```$").FindAllSubmatch(spec, -1) {
		blocks = append(blocks, match[1])
	}
	require.Len(t, blocks, 8)
	specExample(t, 1, blocks[:4])
	specExample(t, 2, blocks[4:])
}

// specExample is a document, data, their projection and the report of that.
func specExample(t *testing.T, version int, blocks [][]byte) {
	t.Helper()
	doc, err := Parse(blocks[0])
	require.NoError(t, err)
	require.Equal(t, version, doc.Version)
	var projected bytes.Buffer
	_, err = Project(context.Background(), &projected, formattest.Source(blocks[1]), fileOf(t, doc.MediaType),
		Disclosure{Version: doc.Version, Fields: doc.Pointers()})
	require.NoError(t, err)
	require.Equal(t, string(blocks[2]), projected.String())

	checker, err := NewChecker(doc, nil)
	require.NoError(t, err)
	report, err := checker.Check(context.Background(), formattest.Source(projected.Bytes()), nil)
	require.NoError(t, err)
	require.Equal(t, string(blocks[3]), reportText(report))
}

// reportText is a report as the specification shows one.
func reportText(report Report) string {
	text := fmt.Sprintf("criteria %v\nrecords  %d\nbytes    %d\n", report.Criteria, report.Records, report.Bytes)
	for _, f := range report.Findings {
		text += fmt.Sprintf("finding  %d %s %s\n", f.Record, f.Path, f.Rule)
	}
	text += fmt.Sprintf("total    %d\nreason   %d\nhash     %x\n", report.Total, report.Reason, report.Hash())
	return text
}
