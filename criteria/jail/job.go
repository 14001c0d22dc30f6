package jail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/flat"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/rules"
	"github.com/medibloc/pdx/internal/text"
)

// The verbs of a job.
const (
	verbCompile  = "compile" // a criteria document; the child checks against it from then on
	verbCheck    = "check"
	verbBroken   = "check broken"
	verbSurvey   = "survey"
	verbProject  = "project"
	verbBoth     = "project and check"
	verbFirst    = "first"
	verbCount    = "count"
	verbRows     = "rows"     // of data in any format, with the keys of the document
	verbTabulate = "tabulate" // NDJSON that rows gave
)

// job is what a child is to do.
type job struct {
	Verb      string
	MediaType string
	Size      int64 // of the data
	// Of a compile: the criteria document. Of a compile and a projection: the fields.
	Document []byte   `json:",omitempty"`
	Fields   []string `json:",omitempty"`
	Version  int      `json:",omitempty"` // of a projection: that of the document
	// Of a projection: the types of FHIR resources that stay.
	Resources []string    `json:",omitempty"`
	Skip      []uint64    `json:",omitempty"` // of a projection: records that are left out
	Limit     uint64      `json:",omitempty"` // of first records: bytes of each
	Most      int         `json:",omitempty"` // of first records, and of broken ones
	Keys      bool        `json:",omitempty"` // of a check: whether keys are wanted
	Table     *flat.Table `json:",omitempty"` // of a tabulation
}

// disclosure is what a projection keeps.
func (j job) disclosure() criteria.Disclosure {
	return criteria.Disclosure{Version: j.Version, Fields: j.Fields, Resources: j.Resources, Skip: j.Skip}
}

// result is what a child says when a job is done. Nothing else in it than what its job
// asked for is looked at.
type result struct {
	Kind string `json:",omitempty"` // of an error: a name in kinds, or kindPanic
	Text string `json:",omitempty"`

	Records, Bytes uint64
	Reason         uint32        `json:",omitempty"`
	Total          uint64        `json:",omitempty"`
	Findings       []pdx.Finding `json:",omitempty"`
	Fields         []string      `json:",omitempty"`
	Notes          []format.Note `json:",omitempty"` // of a survey
	Resources      []string      `json:",omitempty"` // of a compile
	First          [][]byte      `json:",omitempty"`

	// Of rows: the columns, and whether these are all. Of a tabulation: cells that a spreadsheet evaluates.
	Columns  []flat.Column `json:",omitempty"`
	All      bool          `json:",omitempty"`
	Formulas uint64        `json:",omitempty"`

	// Of a check, for the owner of the data.
	Broken        uint64            `json:",omitempty"`
	ByRule        map[string]uint64 `json:",omitempty"`
	Figures       []rules.Figure    `json:",omitempty"`
	BrokenRecords []uint64          `json:",omitempty"`
	// Of a projection that was checked; Records and Bytes are then those of its report.
	Written *format.Projection `json:",omitempty"`
}

// The kinds of errors, the more special first. A child names them; its parent has the
// same sentinels.
var kinds = []struct {
	name string
	err  error
}{
	{"remote", criteria.ErrRemote},
	{"cost", criteria.ErrCost},
	{"rules", criteria.ErrRules},
	{"schema", criteria.ErrSchema},
	{"document", criteria.ErrDocument},
	{"fields", criteria.ErrFields},
	{"data", criteria.ErrData},
	{"corrupt", pdx.ErrCorrupt},
	{"missing", pdx.ErrNotFound},
	{"end", io.ErrUnexpectedEOF},
	{"invalid", pdx.ErrInvalid},
}

// kindPanic is the kind of every other end of a job.
const kindPanic = "panic"

// failed makes an error a result.
func failed(err error) result {
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return result{Kind: k.name, Text: err.Error()}
		}
	}
	return result{Kind: kindPanic}
}

// childError is an error that a child came to: a result like any other.
type childError struct {
	text string
	kind error
}

// Error says what the child said.
func (e *childError) Error() string { return e.text }

// Unwrap is the sentinel of that.
func (e *childError) Unwrap() error { return e.kind }

// err is the error of a result, nil if it has none.
func (r result) err() error {
	for _, k := range kinds {
		if r.Kind == k.name {
			return &childError{text.Clean(r.Text, maxText), k.err}
		}
	}
	return nil
}

// known reports whether a result is none or an error that a child may come to.
func (r result) known() bool { return r.Kind == "" || r.err() != nil }

// decode reads JSON strictly: no unknown member, nothing behind it.
func decode(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: %v", errFrame, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more behind a value", errFrame)
	}
	return nil
}

// report makes the report of a check, if the numbers of a result fit together.
func (r result) report(doc *criteria.Document, fields []string) (criteria.Report, error) {
	reason := pdx.RejectReason(r.Reason)
	fits := len(r.Findings) <= criteria.MaxFindings && uint64(len(r.Findings)) <= r.Total && (r.Total == 0) == (reason == 0) &&
		(reason == 0 || reason == pdx.RejectFields || reason == pdx.RejectCriteria)
	fits = fits && r.Broken <= r.Records && len(r.ByRule) <= maxByRule && len(r.Figures) <= rules.MaxAggregates
	for rule, broken := range r.ByRule {
		fits = fits && fit(rule) && broken <= r.Records+1 // a rule of the whole dataset counts, too
	}
	for _, f := range r.Figures {
		fits = fits && fit(f.Name) && fit(f.Measure) && fit(f.Text)
	}
	for _, f := range r.Findings {
		fits = fits && f.Record <= r.Records && fit(f.Path) && fit(f.Rule)
	}
	if !fits {
		return criteria.Report{}, &Error{Cause: Nonsense}
	}
	return criteria.Report{
		Criteria: doc.ID(), Fields: fields, Records: r.Records, Bytes: r.Bytes, Findings: r.Findings, Total: r.Total, Reason: reason,
		Broken: r.Broken, ByRule: r.ByRule, Figures: r.Figures,
	}, nil
}

const (
	// maxName bounds a rule, a name and a path, as the validation protocol does.
	maxName = criteria.MaxPathBytes
	// maxByRule bounds the rules that records can break: keywords of JSON Schema, rules of
	// formats, and those, the aggregates and the keys of a document.
	maxByRule = 1024
)

func fit(s string) bool { return len(s) <= maxName && utf8.ValidString(s) }

// resourcesFit reports whether the types of resources of a compile can be those of a schema.
func (r result) resourcesFit() bool {
	for _, name := range r.Resources {
		if !fit(name) {
			return false
		}
	}
	return len(r.Resources) <= criteria.MaxTopLevel
}

// summary makes the summary of a survey, if it is one.
func (r result) summary() (criteria.Summary, error) {
	size := 0
	for _, field := range r.Fields {
		size += len(field)
	}
	for _, note := range r.Notes {
		if !slices.Contains(format.Notes, note) {
			return criteria.Summary{}, &Error{Cause: Nonsense}
		}
	}
	if len(r.Notes) > len(format.Notes) || len(r.Fields) > criteria.MaxTopLevel || size > maxFieldBytes {
		return criteria.Summary{}, &Error{Cause: Nonsense}
	}
	return criteria.Summary{Fields: r.Fields, Records: r.Records, Notes: r.Notes}, nil
}
