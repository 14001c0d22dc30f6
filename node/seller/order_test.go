package seller_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

func TestOrdersThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world, o *model.Order)
		want   error
	}{
		"unknown pool":       {func(_ *world, o *model.Order) { o.Pool = 8 }, pdx.ErrNotFound},
		"unknown data":       {func(_ *world, o *model.Order) { o.Data = "x" }, pdx.ErrNotFound},
		"closed pool":        {func(w *world, _ *model.Order) { w.chain.pool.Status = pdx.PoolClosed }, pdx.ErrWrongState},
		"required term":      {func(_ *world, o *model.Order) { o.Agreed = []uint32{2} }, pdx.ErrInvalid},
		"unknown term":       {func(_ *world, o *model.Order) { o.Agreed = []uint32{1, 3} }, pdx.ErrInvalid},
		"too few validators": {func(_ *world, o *model.Order) { o.Validators = []pdx.Address{"panacea1val1"} }, pdx.ErrInvalid},
		"same one twice":     {func(_ *world, o *model.Order) { o.Validators = []pdx.Address{"panacea1val1", "panacea1val1"} }, pdx.ErrInvalid},
		"foreign validator":  {func(_ *world, o *model.Order) { o.Validators = []pdx.Address{"panacea1val1", stranger} }, pdx.ErrInvalid},
		"field not wanted":   {func(_ *world, o *model.Order) { o.Fields, o.Optional = []string{"/id", "/name"}, false }, pdx.ErrInvalid},
		"field missing":      {func(_ *world, o *model.Order) { o.Fields, o.Optional = []string{"/age"}, false }, pdx.ErrInvalid},
		"criteria not found": {func(w *world, _ *model.Order) { clear(w.docs) }, pdx.ErrNotFound},
		"other criteria": {func(w *world, _ *model.Order) {
			w.docs[w.chain.pool.Criteria] = []byte(`{"version":1}`)
		}, pdx.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
				o := w.order()
				c.change(w, &o)
				_, err := s.Sell(t.Context(), o)
				require.ErrorIs(t, err, c.want)
				require.Empty(t, sales(t, s))
			})
		})
	}
}

func TestSellWantsARunningSeller(t *testing.T) {
	w := newWorld(t)
	_, err := w.service(t).Sell(t.Context(), w.order())
	require.ErrorIs(t, err, pdx.ErrWrongState)
}

func TestMayPullBeforeTheStart(t *testing.T) {
	w := newWorld(t)
	require.ErrorIs(t, w.service(t).MayPull(t.Context(), buyer, pdx.ContentID{1}), pdx.ErrUnavailable)
}

func TestConfigIsChecked(t *testing.T) {
	_, err := seller.New(seller.Config{})
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func TestPreview(t *testing.T) {
	w := newWorld(t)
	s := w.service(t)
	var ended []pdx.Stage
	got, err := s.Preview(t.Context(), model.Order{Pool: 7, Data: "visits", Optional: true}, func(p pdx.Progress) {
		if p.Done == p.Total {
			ended = append(ended, p.Stage)
		}
	})
	require.NoError(t, err)
	require.Equal(t, []pdx.Stage{"projecting"}, ended, "the data are read once")
	require.Equal(t, w.chain.pool, got.Pool)
	require.Equal(t, []string{"/age", "/id"}, got.Fields)
	require.EqualValues(t, recordCount, got.Records)
	require.Equal(t, deposit, got.Deposit)
	require.Equal(t, price, got.Price)
	require.Empty(t, got.Findings)
	require.Equal(t, strings.SplitN(w.plain, "\n", 2)[0], string(got.Sample))
	left, err := os.ReadDir(w.folder)
	require.NoError(t, err)
	require.Empty(t, left, "a preview leaves nothing behind")

	w.write(t, `{"age":3}`+"\n")
	_, err = s.Preview(t.Context(), model.Order{Pool: 7, Data: "visits", Optional: true}, nil)
	require.ErrorIs(t, err, records.ErrChanged)
	_, err = s.AddData(t.Context(), w.file, "", "", nil)
	require.NoError(t, err)
	got, err = s.Preview(t.Context(), model.Order{Pool: 7, Data: "visits", Optional: true}, nil)
	require.NoError(t, err)
	require.Len(t, got.Findings, 1)
	require.JSONEq(t, `{"age":3}`, string(got.Sample))
}

// How much was read of a file, or of all files of a folder, is shown to the end.
func TestReadingIsShown(t *testing.T) {
	w := newWorld(t)
	w.write(t, `{"age":3}`+"\n")
	for _, path := range []string{w.file, newWard(t).path} {
		var dones, sizes []uint64
		d, err := w.service(t).AddData(t.Context(), path, "", "", func(p pdx.Progress) {
			dones, sizes = append(dones, p.Done), append(sizes, p.Total)
		})
		require.NoError(t, err)
		require.Zero(t, dones[0])
		require.Equal(t, d.Size, dones[len(dones)-1])
		require.True(t, slices.IsSorted(dones))
		require.Equal(t, []uint64{d.Size}, slices.Compact(sizes))
	}
}

func TestData(t *testing.T) {
	w := newWorld(t)
	s := w.service(t)
	ctx := t.Context()
	d, err := s.GetData(ctx, "visits")
	require.NoError(t, err)
	require.EqualValues(t, recordCount, d.Records)
	require.Equal(t, []string{"/age", "/id", "/name"}, d.Fields)
	require.Equal(t, criteria.NDJSON, d.MediaType)
	require.False(t, d.Changed)
	byID, err := s.GetData(ctx, d.ID)
	require.NoError(t, err)
	require.Equal(t, d, byID)

	again, err := s.AddData(ctx, w.file, "", "", nil)
	require.NoError(t, err)
	require.Equal(t, d, again, "unchanged: nothing happens")

	w.write(t, "{\"a\":1}\n")
	changed, err := s.GetData(ctx, "visits")
	require.NoError(t, err)
	require.True(t, changed.Changed)
	fresh, err := s.AddData(ctx, w.file, "", "", nil)
	require.NoError(t, err)
	require.Equal(t, d.ID, fresh.ID)
	require.Equal(t, []string{"/a"}, fresh.Fields)

	other := filepath.Join(t.TempDir(), "array.json")
	require.NoError(t, os.WriteFile(other, []byte(`[{"b":1},{"c":2}]`), 0o600))
	for name, c := range map[string]struct {
		path, name, mediaType string
		want                  error
	}{
		"name taken":      {other, "visits", "", pdx.ErrInvalid},
		"id as name":      {other, d.ID, "", pdx.ErrInvalid},
		"relative path":   {"array.json", "", "", pdx.ErrInvalid},
		"no such file":    {other + ".none.json", "", "", pdx.ErrNotFound},
		"folder":          {filepath.Dir(other), "", criteria.JSON, pdx.ErrInvalid},
		"wrong type":      {other, "", "text/csv", pdx.ErrInvalid},
		"another's name":  {w.file, "other", "", pdx.ErrInvalid},
		"not its records": {other, "", criteria.NDJSON, pdx.ErrInvalid},
	} {
		_, err = s.AddData(ctx, c.path, c.name, c.mediaType, nil)
		require.ErrorIs(t, err, c.want, name)
	}
	array, err := s.AddData(ctx, other, "", "", nil)
	require.NoError(t, err)
	require.Equal(t, "array.json", array.Name)
	require.EqualValues(t, 2, array.Records)
	list, _, err := s.ListData(ctx, model.Page{Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []string{"array.json", "visits"}, []string{list[0].Name, list[1].Name})

	require.NoError(t, s.RemoveData(ctx, "visits"))
	_, err = s.GetData(ctx, "visits")
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.FileExists(t, w.file)
}

func TestDataOnSaleStays(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.certifiedSale(t, s)
		require.ErrorIs(t, s.RemoveData(t.Context(), "visits"), pdx.ErrWrongState)
		w.write(t, "{\"id\":\"p\"}\n")
		_, err := s.AddData(t.Context(), w.file, "", "", nil)
		require.ErrorIs(t, err, pdx.ErrWrongState)

		w.chain.move(sale.Deal, pdx.DealUnacked)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
		require.Contains(t, w.sale(t, s, sale.ID).Reason, "did not acknowledge")
		require.NoError(t, s.RemoveData(t.Context(), "visits"))
	})
}

func TestMayPull(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		hold := make(chan struct{})
		for v := range w.validators {
			w.validators[v] = func(ctx context.Context, w *world, v pdx.Address, r seller.Request, p func(pdx.Progress)) (pdx.Verdict, error) {
				<-hold
				return honest(ctx, w, v, r, p)
			}
		}
		w.chain.autoAck = false
		sale := w.reaches(t, s, w.sell(t, s), model.SaleOffered)
		root := sale.Dataset.Root
		may := func(a pdx.Address) error { return s.MayPull(t.Context(), a, root) }
		require.NoError(t, may("panacea1val1"))
		require.ErrorIs(t, may(buyer), pdx.ErrUnavailable, "not before it is certified")
		require.ErrorIs(t, may(stranger), pdx.ErrRefused)
		require.ErrorIs(t, may(""), pdx.ErrRefused)
		require.ErrorIs(t, s.MayPull(t.Context(), buyer, pdx.ContentID{1}), pdx.ErrNotFound)

		close(hold)
		w.reaches(t, s, sale.ID, model.SaleCertified)
		require.NoError(t, may(buyer))
		require.NoError(t, may("panacea1val2"))
		require.ErrorIs(t, may(stranger), pdx.ErrRefused)

		w.chain.alter(sale.Deal, func(d *pdx.Deal) { d.Dataset.Root[0]++ })
		require.ErrorIs(t, may(buyer), seller.ErrOtherTerms)
		w.chain.alter(sale.Deal, func(d *pdx.Deal) { d.Dataset.Root[0]-- })

		w.chain.move(sale.Deal, pdx.DealUnacked)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
		require.ErrorIs(t, may(buyer), pdx.ErrNotFound, "the ciphertext was let go")
	})
}

// TestOnlyRequiredFieldsByDefault wants a person to say so before an optional field
// leaves the machine.
func TestOnlyRequiredFieldsByDefault(t *testing.T) {
	w := newWorld(t)
	s := w.service(t)
	got, err := s.Preview(t.Context(), model.Order{Pool: 7, Data: "visits"}, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"/id"}, got.Fields)
	require.Equal(t, []string{"/age"}, got.Withheld)
	require.NotContains(t, string(got.Sample), "age")

	got, err = s.Preview(t.Context(), model.Order{Pool: 7, Data: "visits", Optional: true}, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"/age", "/id"}, got.Fields)
	require.Empty(t, got.Withheld)

	got, err = s.Preview(t.Context(), model.Order{Pool: 7, Data: "visits", Fields: []string{"/id"}}, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"/age"}, got.Withheld)

	_, err = s.Preview(t.Context(), model.Order{Pool: 7, Data: "visits", Fields: []string{"/id"}, Optional: true}, nil)
	require.ErrorIs(t, err, pdx.ErrInvalid)

	doc := []byte(`{"version":2,"title":"t","media_type":"application/x-ndjson","schema":{},
		"fields":[{"pointer":"/age","purpose":"to know"}]}`)
	w.docs[criteria.IDOf(doc)] = doc
	w.chain.pool.Criteria = criteria.IDOf(doc)
	_, err = s.Preview(t.Context(), model.Order{Pool: 7, Data: "visits"}, nil)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, "require no field")
}

// TestFindingsAreCounted wants the number of all findings, not only those listed.
func TestFindingsAreCounted(t *testing.T) {
	w := newWorld(t)
	w.write(t, strings.Repeat(`{"age":3}`+"\n", 150))
	s := w.service(t)
	_, err := s.AddData(t.Context(), w.file, "", "", nil)
	require.NoError(t, err)
	got, err := s.Preview(t.Context(), model.Order{Pool: 7, Data: "visits"}, nil)
	require.NoError(t, err)
	require.Len(t, got.Findings, criteria.MaxFindings)
	require.EqualValues(t, 150, got.Total)
}

func TestMediaTypeOfRegisteredData(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		other := filepath.Join(filepath.Dir(w.file), "one.ndjson")
		require.NoError(t, os.WriteFile(other, []byte(`{"b":1}`+"\n"), 0o600))
		d, err := s.AddData(t.Context(), other, "", "", nil)
		require.NoError(t, err)
		require.Equal(t, criteria.NDJSON, d.MediaType)
		again, err := s.AddData(t.Context(), other, "", criteria.JSON, nil)
		require.NoError(t, err)
		require.Equal(t, criteria.JSON, again.MediaType)
		require.Equal(t, d.ID, again.ID)
		again, err = s.AddData(t.Context(), other, "", "", nil)
		require.NoError(t, err)
		require.Equal(t, criteria.JSON, again.MediaType, "it stays")
		_, err = s.AddData(t.Context(), other, "", criteria.Folder, nil)
		require.ErrorIs(t, err, pdx.ErrInvalid)

		w.certifiedSale(t, s)
		_, err = s.AddData(t.Context(), w.file, "", criteria.JSON, nil)
		require.ErrorIs(t, err, pdx.ErrWrongState, "a sale of it is under way")
	})
}

func TestDataWithoutARecord(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct{ text, says string }{
		"empty.ndjson": {"", "no records in it"}, "blank.ndjson": {"\n \n", "no records in it"}, "array.json": {" [ ] ", "no records in it"},
		"empty.json": {"", "damaged or ends too early"},
	} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte(c.text), 0o600))
		_, err := w.service(t).AddData(t.Context(), path, "", "", nil)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
		require.ErrorContains(t, err, c.says, name)
	}
}
