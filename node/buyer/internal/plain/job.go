package plain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/model"
)

// Deal is a dataset that was opened.
type Deal struct {
	ID     pdx.DealID
	Seller pdx.Address
	Path   string // of the file, or the folder
	Size   uint64
	Hash   [32]byte // BLAKE3 of a file
}

// Job is what a call works with; all must be given.
type Job struct {
	ChainID  string
	Order    model.PlainOrder
	Pool     pdx.Pool
	Document *criteria.Document
	Schemas  criteria.Schemas
	Formats  *format.Registry
	Engine   criteria.Engine
	Deals    []Deal // by number
	// Report is called with how far a step is.
	Report func(pdx.Progress)
}

// The steps that are reported.
const (
	StepReading pdx.Stage = "reading"
	StepWriting pdx.Stage = "writing"
)

// Check refuses an order that cannot be done, before any work.
func (j *Job) Check() error {
	switch j.Order.Format {
	case model.PlainNDJSON, model.PlainCSV, model.PlainParquet:
	default:
		return fmt.Errorf("%w: format %q: choose %s, %s or %s", pdx.ErrInvalid, j.Order.Format,
			model.PlainNDJSON, model.PlainCSV, model.PlainParquet)
	}
	if j.Order.Spreadsheet && j.Order.Format != model.PlainCSV {
		return fmt.Errorf("%w: only CSV is made for spreadsheets: choose the format %s", pdx.ErrInvalid, model.PlainCSV)
	}
	if _, err := os.Lstat(j.Order.Out); err == nil {
		return fmt.Errorf("%w: %s is there already: choose another folder", pdx.ErrWrongState, j.Order.Out)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", pdx.ErrWrongState, err)
	}
	for _, d := range j.Deals {
		if err := d.check(j.Pool.ID); err != nil {
			return err
		}
	}
	return nil
}

// check refuses a deal whose files are not as they were bought, as far as a look can tell.
func (d Deal) check(pool pdx.PoolID) error {
	info, err := os.Lstat(d.Path)
	switch {
	case err != nil:
		return fmt.Errorf("%w: what deal %v delivered is not at %s: put it back, or run 'pdx pull %v --deal %v'",
			pdx.ErrNotFound, d.ID, d.Path, pool, d.ID)
	case info.IsDir(), info.Mode().IsRegular() && uint64(info.Size()) == d.Size:
		return nil
	}
	return d.changed(d.Path)
}

// changed is the error of a file that is not as it was bought.
func (d Deal) changed(path string) error {
	return fmt.Errorf("%w: %s of deal %v is not as it was bought: move it away and pull the deal again", pdx.ErrWrongState, path, d.ID)
}

// Plan says what Run would write.
func (j *Job) Plan() model.Plain {
	p := model.Plain{Out: j.Order.Out, Format: j.Order.Format, Merged: j.Order.Merge, Keyed: len(j.Document.Unique) > 0}
	if j.Order.Merge {
		p.Files = append(p.Files, model.PlainFile{Path: merged + "." + j.Order.Format})
	}
	for _, d := range j.Deals {
		p.Deals = append(p.Deals, model.PlainDeal{Deal: d.ID})
		if !j.Order.Merge {
			p.Files = append(p.Files, model.PlainFile{Path: dealName(d.ID) + "." + j.Order.Format})
		}
	}
	for _, name := range []string{croissantName, reportName, sumsName} {
		p.Files = append(p.Files, model.PlainFile{Path: name})
	}
	return p
}

// merged is the name of the file of all deals, without its extension.
const merged = "records"

func dealName(id pdx.DealID) string { return "deal-" + id.String() }

// Run writes the folder. It lies beside under a hidden name until all of it is on disk; what
// a crash left there is removed by the next call for the same folder.
func (j *Job) Run(ctx context.Context) (model.Plain, error) {
	parent, name := filepath.Split(j.Order.Out)
	if err := durable.MkdirAll(filepath.Clean(parent)); err != nil {
		return model.Plain{}, folderError(err)
	}
	at := filepath.Join(parent, ".pdx-open-"+name+".part")
	if err := os.RemoveAll(at); err != nil {
		return model.Plain{}, folderError(err)
	}
	defer os.RemoveAll(at) // gone already when all went well
	if err := os.Mkdir(at, 0o700); err != nil {
		return model.Plain{}, folderError(err)
	}
	b, err := newBuild(j, at)
	if err != nil {
		return model.Plain{}, err
	}
	defer b.close()
	if err := b.run(ctx, time.Now().UTC()); err != nil {
		return model.Plain{}, err
	}
	if _, err := os.Lstat(j.Order.Out); err == nil {
		return model.Plain{}, fmt.Errorf("%w: %s came to be meanwhile: choose another folder", pdx.ErrWrongState, j.Order.Out)
	}
	return b.plain, folderError(durable.Rename(at, j.Order.Out))
}

// folderError says that this machine does not take the files.
func folderError(err error) error {
	if err == nil || errors.Is(err, pdx.ErrWrongState) {
		return err
	}
	return fmt.Errorf("%w: the folder cannot be written: %w", pdx.ErrWrongState, err)
}
