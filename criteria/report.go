package criteria

import (
	"context"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/rules"
)

// Report is what a check found. It contains no value of the data.
type Report struct {
	// Criteria is the CID of the criteria document.
	Criteria pdx.ContentID
	// Fields are the disclosed fields that the dataset was checked for, in the
	// order given.
	Fields []string
	// Records and Bytes are how many records and bytes were read: all of the dataset,
	// unless it is larger than allowed. Then reading stopped at one byte more than that.
	Records, Bytes uint64
	// Findings are the first MaxFindings findings, ordered by record, path and rule.
	Findings []pdx.Finding
	// Total counts all findings, those beyond MaxFindings too.
	Total uint64
	// Reason is 0 without findings, pdx.RejectFields if an undisclosed field is among
	// them, and pdx.RejectCriteria otherwise.
	Reason pdx.RejectReason
	// Broken counts the records that break a rule, and ByRule those that break each rule, for
	// the owner of the data. The hash does not cover them.
	Broken uint64
	ByRule map[string]uint64
	// Figures are the document's aggregates as people are shown them: without values of
	// the data, and without counts below the document's floor. The hash does not cover
	// them.
	Figures []rules.Figure
}

// reportVersion is that of the report's frames; the document's own is in its CID.
const reportVersion = 1

// OK reports whether the dataset meets the criteria: there is no finding.
func (r Report) OK() bool { return r.Total == 0 }

// Hash returns the hash of the report that a certificate contains: SHA-512/256 over
// frames, each a label and a value with their lengths (LE32, LE64) before them.
// docs/spec/criteria.md lists the frames.
func (r Report) Hash() [32]byte {
	b := frame(nil, "domain", []byte("validation-report"))
	b = frame(b, "version", be64(reportVersion))
	b = frame(b, "criteria", r.Criteria.Bytes())
	for _, field := range r.Fields {
		b = frame(b, "field", []byte(field))
	}
	b = frame(b, "records", be64(r.Records))
	b = frame(b, "bytes", be64(r.Bytes))
	b = frame(b, "reason", be64(uint64(r.Reason)))
	b = frame(b, "total", be64(r.Total))
	for _, f := range r.Findings {
		b = frame(b, "record", be64(f.Record))
		b = frame(b, "path", []byte(f.Path))
		b = frame(b, "rule", []byte(f.Rule))
	}
	return sha512.Sum512_256(b)
}

func be64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func frame(b []byte, label string, v []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(label)))
	b = append(b, label...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(v)))
	return append(b, v...)
}

// ruleFault is the error of an evaluation of rules.
func ruleFault(err error) error {
	if errors.Is(err, rules.ErrCost) {
		return fmt.Errorf("%w: %w", ErrRules, err)
	}
	return err
}

// whole checks the bounds and rules that only the end of the dataset decides.
func (r *run) whole(ctx context.Context, in *input) error {
	r.report.Bytes = in.size()
	r.found.Begin(0)
	for _, check := range []struct {
		broken bool
		rule   string
	}{
		{r.report.Records < max(1, r.checker.doc.Records.Min), RuleRecordsMin},
		{r.report.Records > r.maxRecords(), RuleRecordsMax},
		{in.size() < r.checker.doc.Bytes.Min, RuleBytesMin},
		{in.size() > uint64(in.max), RuleBytesMax},
	} {
		if check.broken {
			r.found.Add(check.rule)
		}
	}
	if r.rules != nil {
		if err := r.rules.End(ctx, r.found.Add); err != nil {
			return ruleFault(err)
		}
		r.report.Figures = r.rules.Figures(r.checker.doc.Floor())
	}
	r.take()
	return nil
}

// find takes one finding without a path into the report.
func (r *run) find(record uint64, rule string) {
	r.found.Begin(record)
	r.found.Add(rule)
	r.take()
}

// count counts the record by the rules that it breaks. They are few: keywords of JSON
// Schema, and rules and keys of the document.
func (r *run) count() {
	if r.found.Number() == 0 {
		return
	}
	r.report.Broken++
	if len(r.wrong) < r.most {
		r.wrong = append(r.wrong, r.found.Number())
	}
	if r.report.ByRule == nil {
		r.report.ByRule = map[string]uint64{}
	}
	for _, rule := range r.found.Rules {
		r.report.ByRule[rule]++
	}
}

// take moves what the recorder has into the report.
func (r *run) take() {
	if r.found.Total == 0 {
		return
	}
	r.report.Total += r.found.Total
	r.count()
	if free := MaxFindings - len(r.report.Findings); free > 0 {
		r.report.Findings = append(r.report.Findings, r.found.First[:min(free, len(r.found.First))]...)
	}
	if r.report.Reason == 0 {
		r.report.Reason = pdx.RejectCriteria
	}
}
