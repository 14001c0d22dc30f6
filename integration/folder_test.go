package integration_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// sellsFolder sells a folder that the seller keeps once: of its ciphertext it has
// the tree alone, and of the files that it discloses to the last byte no copy. When
// one of those changes after the offer, nothing is served, and the sale says so;
// it goes on when the file is back.
func sellsFolder(t *testing.T, m *market.Market, seller *procs.Member) {
	restartWith(t, m, seller, "PDX_SELLER_ONE_COPY_FROM", "1B")
	wanted, err := sample.Criteria(sample.Patient)
	m.Must(err, "sample criteria")
	wanted = bytes.Replace(wanted, []byte(criteria.NDJSON), []byte(criteria.Folder), 1)
	ward, want := newWard(m, wanted)
	m.AddFile(seller, "ward", ward)
	pool := m.OpenPool(market.Pool{Criteria: wanted})
	sale := m.WaitSale(seller, m.Sell(seller, pool, "ward").Id, pdx.DealCertified)

	root := m.Deal(sale.DealId).Dataset.Root.String()
	require.NoFileExists(t, filepath.Join(seller.Home, "blobs", "trees", root, "data"))
	require.FileExists(t, filepath.Join(seller.Home, "blobs", "trees", root, "tree"))
	require.NoDirExists(t, filepath.Join(seller.Home, "blobs", "blobs", root))
	require.NoFileExists(t, filepath.Join(sale.Disclosed, "files", "2023", "visits.ndjson"), "no copy")
	require.FileExists(t, filepath.Join(sale.Disclosed, "files", "2024", "visits.ndjson"))

	edited := filepath.Join(ward, "2023", "visits.ndjson")
	text, err := os.ReadFile(edited)
	m.Must(err, "read a file of the folder")
	m.Must(os.WriteFile(edited, bytes.ToUpper(text), 0o600), "edit a file of the folder")
	restartWith(t, m, seller, "PDX_SELLER_ONE_COPY_FROM", "1B") // it looks at all sales when it starts
	m.Until(market.Patience, "the sale says that it cannot be served", func(ctx context.Context) error {
		now, err := market.SaleOf(ctx, seller, sale.Id)
		if err == nil && !strings.Contains(now.Reason, "put it back") {
			err = fmt.Errorf("reason %q", now.Reason)
		}
		return err
	})
	_, err = api.PreviewSale(t.Context(), seller.Client(), &nodepb.PreviewSaleRequest{PoolId: pool, DataId: "ward"}, nil)
	require.ErrorContains(t, err, "changed")

	m.Must(os.WriteFile(edited, text, 0o600), "put it back")
	m.AddFile(seller, "ward", ward)
	m.Pull(pool)
	pull := m.Opened(m.WaitSale(seller, sale.Id, pdx.DealFinal))
	require.Equal(t, want, filesIn(m, pull.Path))
	require.FileExists(t, filepath.Join(filepath.Dir(pull.Path), "manifest.json"))
}

// newWard returns a folder of records, one file of which has nothing but what is wanted,
// and what a buyer should get of it.
func newWard(m *market.Market, wanted []byte) (path string, want map[string]string) {
	doc, err := criteria.Parse(wanted)
	m.Must(err, "read criteria")
	path, want = filepath.Join(m.Dir, "ward"), map[string]string{}
	for _, year := range []uint64{2023, 2024} {
		var all, disclosed bytes.Buffer
		m.Must(sample.Generate(&all, sample.Options{Kind: sample.Patient, Patients: 300, Seed: year}), "make records")
		raw := bytes.Clone(all.Bytes())
		_, err := criteria.Project(m.T.Context(), &disclosed, formattest.Source(raw), ndjson.Format{},
			criteria.Disclosure{Version: doc.Version, Fields: doc.Required()})
		m.Must(err, "project records")
		if year == 2023 {
			raw = disclosed.Bytes()
		}
		name := fmt.Sprintf("%d/visits.ndjson", year)
		m.Must(os.MkdirAll(filepath.Dir(filepath.Join(path, name)), 0o700), "make a folder")
		m.Must(os.WriteFile(filepath.Join(path, name), raw, 0o600), "write records")
		want[name] = disclosed.String()
	}
	m.Must(os.WriteFile(filepath.Join(path, ".DS_Store"), []byte("of the machine"), 0o600), "write a hidden file")
	return path, want
}

// filesIn returns what lies in a folder.
func filesIn(m *market.Market, path string) map[string]string {
	found := map[string]string{}
	m.Must(filepath.WalkDir(path, func(at string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(at)
		name, _ := filepath.Rel(path, at)
		found[filepath.ToSlash(name)] = string(raw)
		return err
	}), "read a folder")
	return found
}
