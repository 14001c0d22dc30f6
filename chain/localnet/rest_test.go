package localnet_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
	datapooltypes "github.com/medibloc/pdx/chain/x/datapool/types"
)

// get asks the REST server and returns the status and the answer.
func get(t *testing.T, chain *localnettest.Chain, path string) (int, map[string]any) {
	t.Helper()
	res, err := http.Get(chain.RESTAddr() + path)
	require.NoError(t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Empty(t, res.Header.Get("Access-Control-Allow-Origin"))
	var answer map[string]any
	require.NoError(t, json.Unmarshal(raw, &answer), string(raw))
	return res.StatusCode, answer
}

// at walks down an answer.
func at(answer any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			answer = answer.(map[string]any)[step]
		case int:
			answer = answer.([]any)[step]
		}
	}
	return answer
}

// TestEveryQueryOverREST has a row for each route of the service.
func TestEveryQueryOverREST(t *testing.T) {
	defer http.DefaultClient.CloseIdleConnections()
	chain := localnettest.Start(t, localnettest.WithDatapool(localnet.Datapool{Deadlines: pdx.Deadlines{Dispute: time.Second}}))
	sold := sell(t, chain).Dataset
	root, key := base64.URLEncoding.EncodeToString(sold.Root), base64.URLEncoding.EncodeToString(sold.DatasetKey)
	seller, validator := string(chain.Account("seller").Address), string(chain.Account("validator").Address)
	const base = "/panacea/datapool/v3"
	fhir := url.QueryEscape("application/fhir+ndjson")
	asked := map[string]bool{}
	for _, row := range []struct {
		method, path string
		want         any
		at           []any
	}{
		{"Params", "/params", "umed", []any{"params", "denom"}},
		{"Pool", "/pools/1", "1", []any{"pool", "id"}},
		{"TagKeys", "/pools/1/tag_keys", []any{}, []any{"keys"}}, // it takes duplicates
		{"Pools", "/pools", "1", []any{"pools", 0, "id"}},
		{"Pools", "/pools?status=1&min_price=10&max_price=10", "1", []any{"pools", 0, "id"}},
		{"Pools", "/pools?status=1&media_type=" + fhir + "&pagination.reverse=true", "1", []any{"pools", 0, "id"}},
		{"Deal", "/deals/1", "DEAL_STATE_FINAL", []any{"deal", "history", 4, "state"}},
		{"Deals", "/deals?state=5&seller=" + seller + "&validator=" + validator + "&pagination.limit=1", "1", []any{"deals", 0, "id"}},
		{"DealByRoot", "/pools/1/deals/" + root + "/" + key, "1", []any{"deal", "id"}},
		{"DealByRoot", "/pools/1/deals/" + url.PathEscape(root) + "/" + url.PathEscape(key), "1", []any{"deal", "id"}},
		{"Validator", "/validators/" + validator, "validator", []any{"validator", "moniker"}},
		{"Validators", "/validators", validator, []any{"validators", 0, "address"}},
		{"Balance", "/balances/" + seller, seller, []any{"balance", "address"}},
		// a commission of 1 % of 10 umed is nothing
		{"Balances", "/balances?pagination.limit=1&pagination.reverse=true", seller, []any{"balances", 0, "address"}},
	} {
		asked[row.method] = true
		code, answer := get(t, chain, base+row.path)
		require.Equal(t, http.StatusOK, code, "%s: %v", row.path, answer)
		require.Equal(t, row.want, at(answer, row.at...), row.path)
	}
	descriptor, err := proto.HybridResolver.FindDescriptorByName("panacea.datapool.v3.Query")
	require.NoError(t, err)
	methods := descriptor.(protoreflect.ServiceDescriptor).Methods()
	for i := range methods.Len() {
		require.True(t, asked[string(methods.Get(i).Name())], "%s has no row", methods.Get(i).Name())
	}

	for path, code := range map[string]int{
		"/pools/2":                           http.StatusNotFound,
		"/pools/x":                           http.StatusBadRequest,
		"/deals?seller=bob":                  http.StatusBadRequest,
		"/deals?due_height=-1":               http.StatusBadRequest,
		"/deals?pagination.count_total=true": http.StatusBadRequest,
		"/pools?min_price=2&max_price=1":     http.StatusBadRequest,
		"/pools?pagination.key=" + url.QueryEscape("AAAA"): http.StatusBadRequest,
		"/balances/bob":           http.StatusBadRequest,
		"/validators/bob":         http.StatusBadRequest,
		"/pools?status=99":        http.StatusBadRequest,
		"/deals?state=-1":         http.StatusBadRequest,
		"/pools?bogus=1":          http.StatusBadRequest,
		"/pools/1?bogus=1":        http.StatusBadRequest,
		"/deals?pool_id=1&stat=1": http.StatusBadRequest,
		"/deals?poolId=1&pagination.countTotal=false&pagination.limit=1":                  http.StatusOK,
		"/pools/1/deals/" + hex.EncodeToString(sold.Root[:8]) + "!/" + key:                http.StatusBadRequest,
		"/pools/1/deals/" + base64.URLEncoding.EncodeToString(sold.Root[:31]) + "/" + key: http.StatusNotFound,
		"/nothing": http.StatusNotImplemented,
	} {
		got, answer := get(t, chain, base+path)
		require.Equal(t, code, got, "%s: %v", path, answer)
	}
}

// TestRESTPagesAreWalkedByKey takes a next_key from an answer to the next request.
func TestRESTPagesAreWalkedByKey(t *testing.T) {
	defer http.DefaultClient.CloseIdleConnections()
	chain := localnettest.Start(t, localnettest.WithDatapool(localnet.Datapool{MinBond: 1000}))
	validator := chain.Account("validator").Address
	register := &datapooltypes.MsgRegisterValidator{
		Validator: string(validator), Bond: umed(1000), MaxCommissionBp: 100, MaxCommissionChangeBp: 10,
		PeerId: "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN", Addresses: []string{"/ip4/127.0.0.1/tcp/4001"},
	}
	chain.Exec(t, "validator", register)
	for range 3 {
		chain.Exec(t, "buyer", shortPool(t, chain, validator, time.Hour))
	}
	for _, list := range []string{"/pools?", "/pools?status=1&max_price=10&"} {
		var found []any
		for key := ""; ; {
			code, answer := get(t, chain, "/panacea/datapool/v3"+list+"pagination.limit=1&pagination.key="+url.QueryEscape(key))
			require.Equal(t, http.StatusOK, code, "%v", answer)
			found = append(found, at(answer, "pools", 0, "id"))
			next, more := at(answer, "pagination", "next_key").(string)
			if !more {
				break
			}
			key = next
		}
		require.Equal(t, []any{"1", "2", "3"}, found)
	}
}

func TestRESTLooksAtAHeightAndTakesTransactions(t *testing.T) {
	defer http.DefaultClient.CloseIdleConnections()
	chain := localnettest.Start(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, chain.RESTAddr()+"/panacea/datapool/v3/params", nil)
	require.NoError(t, err)
	req.Header.Set("x-cosmos-block-height", "1")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, "1", res.Header.Get("Grpc-Metadata-X-Cosmos-Block-Height"))

	post := func(body string) (int, string) {
		res, err := http.Post(chain.RESTAddr()+"/cosmos/tx/v1beta1/txs", "application/json", strings.NewReader(body))
		require.NoError(t, err)
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(raw)
	}
	code, answer := post(`{"tx_bytes":"AAAA","mode":"BROADCAST_MODE_SYNC"}`)
	require.Equal(t, http.StatusOK, code, answer)
	require.Contains(t, answer, "tx parse error")
	code, answer = post(`{"tx_bytes":"` + strings.Repeat("A", 3<<20) + `"}`)
	require.Equal(t, http.StatusBadRequest, code, answer)
}

// TestRESTIsReadByThePagesThatMay asks as a browser does for a page.
func TestRESTIsReadByThePagesThatMay(t *testing.T) {
	defer http.DefaultClient.CloseIdleConnections()
	dir := t.TempDir()
	require.NoError(t, localnet.Init(t.Context(), fast(dir)))
	chain := start(t, localnet.Config{Home: dir, RESTOrigins: []string{"http://localhost:3000"}})
	for _, page := range []string{chain.RESTAddr() + "/panacea/datapool/v3/params", chain.RPCAddr() + "/status"} {
		for origin, may := range map[string]string{"http://localhost:3000": "http://localhost:3000", "http://evil.example": ""} {
			ask := func(method string) int {
				req, err := http.NewRequestWithContext(t.Context(), method, page, nil)
				require.NoError(t, err)
				req.Header.Set("Origin", origin)
				req.Header.Set("Access-Control-Request-Method", http.MethodPost)
				req.Header.Set("Access-Control-Request-Headers", "content-type")
				res, err := http.DefaultClient.Do(req)
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.Equal(t, may, res.Header.Get("Access-Control-Allow-Origin"), "%s %s %s", method, page, origin)
				return res.StatusCode
			}
			require.Equal(t, http.StatusOK, ask(http.MethodGet))
			require.Equal(t, http.StatusNoContent, ask(http.MethodOptions), "a preflight never reaches the server")
		}
	}
}

// TestStopWaitsForNoRESTConnection has a client that keeps its connection open, and
// one that never finishes its request.
func TestStopWaitsForNoRESTConnection(t *testing.T) {
	defer http.DefaultClient.CloseIdleConnections()
	dir := t.TempDir()
	require.NoError(t, localnet.Init(t.Context(), fast(dir)))
	chain := start(t, localnet.Config{Home: dir})
	res, err := http.Get(chain.RESTAddr() + "/panacea/datapool/v3/params")
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	reader, writer := io.Pipe()
	defer writer.Close()
	go func() {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, chain.RESTAddr()+"/cosmos/tx/v1beta1/txs", reader)
		if err == nil {
			if res, err := http.DefaultClient.Do(req); err == nil {
				_ = res.Body.Close()
			}
		}
	}()
	_, err = fmt.Fprint(writer, `{"tx_bytes":"`) // returns once the request is being sent
	require.NoError(t, err)
	began := time.Now()
	require.NoError(t, chain.Stop(t.Context()))
	require.Less(t, time.Since(began), stopTime)
	after, err := http.Get(chain.RESTAddr() + "/panacea/datapool/v3/params")
	if err == nil {
		_ = after.Body.Close()
	}
	require.Error(t, err)
}
