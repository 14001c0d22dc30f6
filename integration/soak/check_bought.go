//go:build linux

package soak

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// sold is a sale and its seller.
type sold struct {
	*nodepb.Sale
	seller *procs.Member
}

// checkBought makes sure that each deal is the sale of a seller that knows how it ended,
// and waits until buyers have, byte for byte, every dataset that they paid for.
func (w *world) checkBought(deals []pdx.Deal) {
	w.t.Helper()
	sales := map[uint64]sold{}
	for _, s := range w.market.Sellers {
		res, err := s.Client().ListSales(w.t.Context(), &nodepb.ListSalesRequest{})
		w.market.Must(err, "list sales")
		for _, sale := range res.Sales {
			sales[sale.DealId] = sold{sale, s}
		}
	}
	for _, d := range deals {
		sale, ok := sales[uint64(d.ID)]
		if !ok {
			w.find("deal %d is the sale of nobody", d.ID)
			continue
		}
		if string(d.State) != sale.State {
			w.find("deal %d is %s, and its seller shows %s", d.ID, d.State, sale.State)
		}
		if d.State == pdx.DealFinal {
			w.checkBytes(d, sale)
		}
	}
}

// checkBytes compares what a buyer has with a projection of the seller's file that is
// made here.
func (w *world) checkBytes(d pdx.Deal, sale sold) {
	w.t.Helper()
	want, err := w.disclosed(sale)
	w.market.Must(err, fmt.Sprintf("project the dataset of deal %d", d.ID))
	bought := w.market.As(w.memberOf(d.Buyer)).Opened(sale.Sale)
	got, err := os.ReadFile(bought.Path)
	w.market.Must(err, fmt.Sprintf("read the dataset of deal %d", d.ID))
	if !bytes.Equal(want, got) {
		w.find("%s is not what was sold by deal %d: %d and %d bytes", bought.Path, d.ID, len(got), len(want))
	}
}

// disclosed returns what the seller disclosed.
func (w *world) disclosed(sale sold) ([]byte, error) {
	data, err := sale.seller.Client().GetData(w.t.Context(), &nodepb.GetDataRequest{Id: sale.DataId})
	if err != nil {
		return nil, err
	}
	original, err := os.ReadFile(data.Data.Path)
	if err != nil {
		return nil, err
	}
	return projected(w.t.Context(), original, sale.Fields)
}

// projected returns the fields of NDJSON records, by the rules of the sample criteria.
func projected(ctx context.Context, records []byte, fields []string) ([]byte, error) {
	raw, err := sample.Criteria(sample.Patient)
	if err != nil {
		return nil, err
	}
	doc, err := criteria.Parse(raw)
	if err != nil {
		return nil, err
	}
	found, err := criteria.Formats().Get(doc.MediaType)
	if err != nil {
		return nil, err
	}
	file, ok := found.(format.File)
	if !ok {
		return nil, fmt.Errorf("%w: %s is not a format of files", pdx.ErrInvalid, doc.MediaType)
	}
	var out bytes.Buffer
	source := format.Source{ReaderAt: bytes.NewReader(records), Size: int64(len(records))}
	_, err = criteria.Project(ctx, &out, source, file, criteria.Disclosure{Version: doc.Version, Fields: fields})
	return out.Bytes(), err
}

func (w *world) memberOf(account pdx.Address) *procs.Member {
	for _, n := range w.market.Fleet.Members() {
		if n.Account == account {
			return n
		}
	}
	panic("no member " + account) // strangers have no money: they deal with nobody
}
