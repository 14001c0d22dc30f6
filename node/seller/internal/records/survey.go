package records

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/node/model"
)

// Survey reads data once and fills in what d says about its content.
func Survey(ctx context.Context, engine criteria.Engine, d *model.Data, f format.Format, report func(pdx.Progress)) error {
	var err error
	switch f := f.(type) {
	case format.Folder:
		err = surveyFolder(ctx, engine, d, f, report)
	case format.File:
		err = surveyFile(ctx, engine, d, f, report)
	}
	switch {
	case err != nil:
		return err
	case Changed(*d):
		return fmt.Errorf("%w: it changes while it is read", pdx.ErrInvalid)
	case d.Records == 0:
		return fmt.Errorf("%w: there are no records in it, so there is nothing to sell", pdx.ErrInvalid)
	}
	return nil
}

func surveyFile(ctx context.Context, engine criteria.Engine, d *model.Data, f format.File, report func(pdx.Progress)) error {
	file, info, err := openRegular(d.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	d.Size, d.Modified, d.Facts, d.Files = uint64(info.Size()), info.ModTime(), [32]byte{}, 0
	summary, sum, err := summarize(ctx, engine, newGauge("", d.Size, report).Source(file, info.Size()), f)
	d.Records, d.Fields, d.Hash = summary.Records, summary.Fields, sum
	d.Notes = noted(nil, summary.Notes)
	return err
}

// noted adds notes to those of other files.
func noted(all []string, notes []format.Note) []string {
	for _, n := range notes {
		if !slices.Contains(all, string(n)) {
			all = append(all, string(n))
		}
	}
	return all
}

// summarize reads a file of records and hashes all of it.
func summarize(ctx context.Context, engine criteria.Engine, src format.Source, f format.File) (criteria.Summary, [32]byte, error) {
	in := newHashedSource(src)
	summary, err := engine.Survey(ctx, in.source(), f)
	if err != nil {
		return criteria.Summary{}, [32]byte{}, err
	}
	sum, err := in.sum()
	return summary, sum, err
}

// Changed reports whether the file differs from what was added, by size and time; of
// a folder, whether any file does, came or went. What cannot be looked at has
// changed.
func Changed(d model.Data) bool {
	if d.IsFolder() {
		now, err := listFolder(d.Path)
		return err != nil || now.facts != d.Facts
	}
	info, err := os.Stat(d.Path)
	return err != nil || uint64(info.Size()) != d.Size || !info.ModTime().Equal(d.Modified)
}
