package integration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// wantVisits are criteria of version 3: a rule on each record, and one on an aggregate.
const wantVisits = `{"version":3,"title":"Visits","media_type":"application/x-ndjson","unique":[["/id"]],
	"schema":{"required":["id"],"properties":{"age":{"type":"integer","description":"In years."}}},
	"rules":[{"name":"adult","record":"record.age >= 18","purpose":"Adults only."},{"name":"women","dataset":"dataset.women >= 0.5"}],
	"aggregates":[{"name":"women","measure":"share","pointer":"/sex","equals":"F"}],
	"fields":[{"pointer":"/id","required":true,"purpose":"to tell apart"},{"pointer":"/age","required":true,"purpose":"to count"},
		{"pointer":"/sex","required":true,"purpose":"to compare"}]}`

// opensPool buys from two sellers what criteria of version 3 ask for, of which one leaves a
// record out that breaks a rule, and opens both as one table: without the record that came
// twice, and without the one that contradicts it, which is listed.
func opensPool(t *testing.T, m *market.Market) {
	pool := m.OpenPool(market.Pool{Criteria: []byte(wantVisits), Count: 2, Duplicates: true})
	m.Pull(pool)
	out := filepath.Join(m.Dir, "visits")
	_, err := openPool(t, m, &nodepb.OpenPoolRequest{PoolId: pool, Out: out})
	require.ErrorIs(t, err, pdx.ErrNotFound, "nothing is bought yet")

	var last *nodepb.Sale
	for i, text := range []string{
		`{"id":"1","name":"Ada","age":40,"sex":"F"}` + "\n" + `{"id":"2","age":17,"sex":"M"}` + "\n" + `{"id":"3","age":51,"sex":"F"}`,
		`{"sex":"F","age":51.0,"id":"3"}` + "\n" + `{"id":"4","age":30,"sex":"M"}` + "\n" +
			`{"id":"1","age":41,"sex":"F"}` + "\n" + `{"id":"5","age":60,"sex":"F"}`,
	} {
		seller, name := m.Sellers[i], fmt.Sprintf("visits-%d.ndjson", i)
		path := filepath.Join(m.Dir, name)
		m.Must(os.WriteFile(path, []byte(text), 0o600), "write records")
		m.AddFile(seller, name, path)
		order := &nodepb.SellRequest{PoolId: pool, DataId: name, Agreed: []uint32{1}}
		if i == 0 {
			look := &nodepb.PreviewSaleRequest{PoolId: pool, DataId: name, SkipInvalid: true}
			preview, err := api.PreviewSale(t.Context(), seller.Client(), look, nil)
			m.Must(err, "preview")
			require.EqualValues(t, 1, preview.Skipped)
			order.SkipInvalid, order.Skipped = true, preview.Skipped
		}
		res, err := seller.Client().Sell(t.Context(), order)
		m.Must(err, "sell")
		last = m.WaitSale(seller, res.Sale.Id, pdx.DealFinal) // one after the other, so that the numbers are known
		m.Opened(last)
	}
	res, err := openPool(t, m, &nodepb.OpenPoolRequest{PoolId: pool, Out: out, Format: "csv", Merge: true})
	m.Must(err, "open the pool")
	got, err := os.ReadFile(filepath.Join(out, "records.csv"))
	m.Must(err, "read the table")
	require.Equal(t, "id,age,sex\n1,40,F\n3,51,F\n4,30,M\n5,60,F\n", string(got))
	left, err := os.ReadFile(filepath.Join(out, "left-out.ndjson"))
	m.Must(err, "read what was left out")
	first := res.Deals[0].DealId
	require.Equal(t, fmt.Sprintf(`{"deal":%d,"record":3,"why":"conflict","key":["/id"],"kept_deal":%d,"kept_record":1,`+
		`"value":{"id":"1","age":41,"sex":"F"}}`+"\n", last.DealId, first), string(left))
	require.EqualValues(t, []uint64{2, 2, 4, 2, 1, 1}, []uint64{
		res.Deals[0].Records, res.Deals[0].Kept, res.Deals[1].Records, res.Deals[1].Kept, res.Deals[1].Duplicates, res.Deals[1].Conflicts,
	})
	_, err = openPool(t, m, &nodepb.OpenPoolRequest{PoolId: pool, Out: out})
	require.ErrorIs(t, err, pdx.ErrWrongState, "the folder is there")
	readSold(t, m, soldCase{"visits", out, "croissant", []any{
		map[string]any{"id": "1", "age": "40", "sex": "F"},
		map[string]any{"id": "3", "age": "51", "sex": "F"},
		map[string]any{"id": "4", "age": "30", "sex": "M"},
		map[string]any{"id": "5", "age": "60", "sex": "F"},
	}})
}

func openPool(t *testing.T, m *market.Market, r *nodepb.OpenPoolRequest) (*nodepb.OpenPoolResponse, error) {
	t.Helper()
	return api.OpenPool(t.Context(), m.Buyer.Client(), r, nil)
}

// opened opens a pool as a merged file of a format, and returns the folder.
func opened(m *market.Market, pool uint64, format string) string {
	m.T.Helper()
	out := filepath.Join(m.Dir, fmt.Sprintf("plain-%d", pool))
	_, err := api.OpenPool(m.T.Context(), m.Buyer.Client(), &nodepb.OpenPoolRequest{PoolId: pool, Out: out, Format: format, Merge: true}, nil)
	m.Must(err, "open a pool")
	return out
}

// soldCase is a file or folder that a buyer has, for the reader from npm in tools/readers, and
// what that should read.
type soldCase struct {
	Name string `json:"name"`
	Path string `json:"path"`
	Kind string `json:"kind"`
	Want any    `json:"-"`
}

// readSold has them read, if `make formats-sold` has installed the reader.
func readSold(t *testing.T, m *market.Market, cases ...soldCase) {
	t.Helper()
	tool, err := filepath.Abs("../tools/readers")
	m.Must(err, "find the reader")
	if _, err := os.Stat(filepath.Join(tool, "node_modules", "hyparquet")); err != nil {
		require.Empty(t, os.Getenv("PDX_READERS"), "the reader from npm is not installed")
		t.Log("the reader from npm is not installed, so it reads nothing here: run `make formats-sold`")
		return
	}
	var in bytes.Buffer
	for _, c := range cases {
		raw, err := json.Marshal(c)
		m.Must(err, "write a case")
		in.Write(append(raw, '\n'))
	}
	reader := exec.CommandContext(context.WithoutCancel(t.Context()), "node", "sold.mjs")
	reader.Dir, reader.Stdin, reader.Stderr = tool, &in, os.Stderr
	out, err := reader.Output()
	m.Must(err, "read with the reader from npm")
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	require.Len(t, lines, len(cases))
	for i, c := range cases {
		var read struct {
			Got   any
			Error string
		}
		m.Must(json.Unmarshal(lines[i], &read), "read an answer")
		require.Empty(t, read.Error, c.Name)
		want, err := json.Marshal(c.Want)
		m.Must(err, "write what is wanted")
		got, err := json.Marshal(read.Got)
		m.Must(err, "write what was read")
		require.JSONEq(t, string(want), string(got), c.Name)
		t.Logf("%s: read with a library from npm", c.Name)
	}
}
