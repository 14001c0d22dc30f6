package criteria

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/rules"
)

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
