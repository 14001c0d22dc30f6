package seller_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
)

// twoBroken are four records of which the second and the last break the criteria.
const twoBroken = `{"id":"a","age":1}` + "\n\n" + `{"age":2}` + "\n" + `{"id":"c","age":3}` + "\n" + `{"id":4}` + "\n"

func skipOrder(skipped uint64) model.Order {
	return model.Order{Pool: 7, Data: "visits", Optional: true, Agreed: []uint32{1}, SkipInvalid: true, Skipped: skipped}
}

// A preview counts what breaks the criteria, and shows what would be left.
func TestPreviewSkipsInvalidRecords(t *testing.T) {
	w := newWorld(t)
	w.write(t, twoBroken)
	s := w.service(t)
	_, err := s.AddData(t.Context(), w.file, "", "", nil)
	require.NoError(t, err)
	counts := map[string]uint64{"schema/required": 1, "schema/type": 1}

	got, err := s.Preview(t.Context(), model.Order{Pool: 7, Data: "visits", Optional: true}, nil)
	require.NoError(t, err)
	require.EqualValues(t, []uint64{4, 2, 0, 2}, []uint64{got.Records, got.Broken, got.Skipped, got.Total})
	require.Equal(t, counts, got.ByRule)
	require.Len(t, got.Samples, 3)

	got, err = s.Preview(t.Context(), skipOrder(0), nil)
	require.NoError(t, err)
	require.EqualValues(t, []uint64{2, 2, 2, 0}, []uint64{got.Records, got.Broken, got.Skipped, got.Total})
	require.Equal(t, counts, got.ByRule)
	require.Empty(t, got.Findings)
	require.Equal(t, []string{`{"id":"a","age":1}`, `{"id":"c","age":3}`}, []string{string(got.Samples[0]), string(got.Samples[1])})

	unchecked := skipOrder(0)
	unchecked.Unchecked = true
	_, err = s.Preview(t.Context(), unchecked, nil)
	require.ErrorIs(t, err, pdx.ErrInvalid)

	w.write(t, `{"age":2}`+"\n")
	_, err = s.AddData(t.Context(), w.file, "", "", nil)
	require.NoError(t, err)
	_, err = s.Preview(t.Context(), skipOrder(0), nil)
	require.ErrorContains(t, err, "every record breaks the criteria")
	w.write(t, strings.Repeat(`{"age":2}`+"\n", 10_001)+`{"id":"a"}`+"\n")
	_, err = s.AddData(t.Context(), w.file, "", "", nil)
	require.NoError(t, err)
	_, err = s.Preview(t.Context(), skipOrder(0), nil)
	require.ErrorContains(t, err, "at most 10000 can be left out")
}

// A sale leaves out as many records as was agreed, and fails if there are others.
func TestSaleSkipsInvalidRecords(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.write(t, twoBroken)
		_, err := s.AddData(t.Context(), w.file, "", "", nil)
		require.NoError(t, err)
		sale, err := s.Sell(t.Context(), skipOrder(1))
		require.NoError(t, err)
		require.Contains(t, w.reaches(t, s, sale.ID, model.SaleFailed).Reason, "are 2, and it was agreed to leave out 1")

		sale, err = s.Sell(t.Context(), skipOrder(2))
		require.NoError(t, err)
		sale = w.reaches(t, s, sale.ID, model.SaleOffered)
		require.Equal(t, []uint64{2, 4}, sale.Left)
		require.EqualValues(t, 2, sale.Records)
		disclosed, err := os.ReadFile(sale.Disclosed)
		require.NoError(t, err)
		require.Equal(t, `{"id":"a","age":1}`+"\n"+`{"id":"c","age":3}`+"\n", string(disclosed))
	})
}
