package market

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// AddSample lays sample records on a seller's disk, registers them under a name
// and returns their path.
func (m *Market) AddSample(seller *procs.Member, name string, o sample.Options) string {
	m.T.Helper()
	path, err := m.WriteSample(seller, name, o)
	m.Must(err, "make sample records")
	m.AddFile(seller, name, path)
	return path
}

// WriteSample lays sample records on a seller's disk.
func (m *Market) WriteSample(seller *procs.Member, name string, o sample.Options) (string, error) {
	path := filepath.Join(m.Dir, seller.Name+"-"+name+".ndjson")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	return path, errors.Join(sample.Generate(f, o), f.Close())
}

// SameBytes returns nil if the buyer's file of a deal has exactly the bytes that the
// seller disclosed, and some.
func SameBytes(sale *nodepb.Sale, pull *nodepb.Pulled) error {
	disclosed, err := os.ReadFile(sale.Disclosed)
	if err != nil {
		return err
	}
	bought, err := os.ReadFile(pull.Path)
	if err != nil {
		return err
	}
	if len(bought) == 0 || !bytes.Equal(disclosed, bought) {
		return fmt.Errorf("%w: %s (%d bytes) is not what was disclosed in %s (%d bytes)",
			pdx.ErrCorrupt, pull.Path, len(bought), sale.Disclosed, len(disclosed))
	}
	return nil
}
