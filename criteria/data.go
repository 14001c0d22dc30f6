package criteria

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// form is how records are held together.
type form int

const (
	formLines form = iota
	formArray
	formSingle
)

// eachRecord calls each with the records of a data file, which lies on its
// owner's machine, and end after the last. Blank lines are skipped.
func eachRecord(ctx context.Context, src io.Reader, mediaType string, each func([]byte, form) error, end func(form) error) error {
	split, err := newSplitter(src, mediaType, MaxRecordBytes)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		raw, err := split.next()
		switch {
		case errors.Is(err, io.EOF):
			return end(formOf(split))
		case errors.Is(err, errLong) || errors.Is(err, errSyntax):
			return fmt.Errorf("%w: record %d: %w", ErrData, n, err)
		case err != nil:
			return err
		}
		if _, ok := split.(*lines); ok && blank(raw) {
			continue
		}
		var broken *strict.Error
		err = each(raw, formOf(split))
		if errors.As(err, &broken) && broken.Rule == ruleMoves {
			err = fmt.Errorf("%w: elements of the array would move, and their positions may have a meaning; "+
				"criteria of version 2 keep them: ask the buyer for a pool with such criteria, or disclose the array whole or not at all", err)
		}
		if errors.As(err, &broken) || errors.Is(err, errNotObject) || errors.Is(err, errManyFields) {
			return fmt.Errorf("%w: record %d: %w", ErrData, n, err)
		}
		if err != nil {
			return err
		}
	}
}

func formOf(split splitter) form {
	e, ok := split.(*elements)
	switch {
	case !ok:
		return formLines
	case e.array:
		return formArray
	}
	return formSingle
}

// Summary is what a data file holds.
type Summary struct {
	// Fields are JSON pointers of the top-level members seen, sorted.
	Fields         []string
	Records, Bytes uint64
}

var errManyFields = errors.New("more than 1024 different top-level fields")

// Fields lists the top-level fields of a data file, for its owner to choose
// from. The error is ErrData naming the record and the rule, ctx's, or src's.
func Fields(ctx context.Context, src io.Reader, mediaType string) (Summary, error) {
	in := &counter{r: src, max: MaxDatasetBytes}
	var summary Summary
	seen := map[string]struct{}{}
	err := eachRecord(ctx, in, mediaType, func(raw []byte, _ form) error {
		tree, err := strict.Parse(raw)
		if err != nil {
			return err
		}
		if tree.Root().Kind() != '{' {
			return errNotObject
		}
		summary.Records++
		for name := range tree.Root().Members() {
			seen[strict.Pointer([]strict.Step{{Name: string(name.Text())}})] = struct{}{}
			if len(seen) > MaxTopLevel {
				return errManyFields
			}
		}
		return nil
	}, func(form) error { return nil })
	if err != nil {
		return Summary{}, fmt.Errorf("read fields: %w", err)
	}
	summary.Fields = slices.Sorted(maps.Keys(seen))
	summary.Bytes = in.n
	return summary, nil
}
