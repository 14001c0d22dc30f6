package criteria

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
)

var (
	// ErrDocument: the criteria document is invalid, or its format is unknown here.
	// The author of the pool is to blame.
	ErrDocument = fmt.Errorf("criteria document: %w", pdx.ErrInvalid)
	// ErrSchema: the schema does not compile or is beyond a limit of this package. The
	// author of the pool is to blame.
	ErrSchema = fmt.Errorf("criteria schema: %w", pdx.ErrInvalid)
	// ErrRemote: the schema refers to something that is neither in it, nor a meta-schema
	// of JSON Schema, nor addressed by CID. Nothing is ever fetched from a URL.
	ErrRemote = fmt.Errorf("%w: reference leaves the schema", ErrSchema)
	// ErrCost: the schema takes too long on a record that may be valid, so there is
	// no verdict. The author of the pool is to blame.
	ErrCost = fmt.Errorf("%w: too costly to check", ErrSchema)
	// ErrRules: a rule or an aggregate takes too long on a record or on the dataset, so
	// there is no verdict. The author of the pool is to blame.
	ErrRules = fmt.Errorf("criteria rules: %w", pdx.ErrInvalid)
	errCycle = fmt.Errorf("%w: references lead back to where they began", ErrSchema)
	// errEvaluator: the evaluation itself failed, which says nothing of the record.
	errEvaluator = fmt.Errorf("%w: the evaluation failed", ErrSchema)
	// ErrFields: the disclosed fields are not well formed, or not what the document asks
	// for. Who chose them is to blame.
	ErrFields = fmt.Errorf("disclosed fields: %w", pdx.ErrInvalid)
	// ErrData: a data file cannot be read as records of its format.
	ErrData = format.ErrData
)
