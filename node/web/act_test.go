package web_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/web"
)

// said is the end of an answer.
type said struct {
	Result json.RawMessage
	Error  *struct{ Code, Message string }
}

// act is an action as the page asks for it.
func act(t *testing.T, link web.Link, name, body string) (int, said) {
	t.Helper()
	return send(t, link, name, "application/json", strings.NewReader(body), int64(len(body)))
}

func send(t *testing.T, link web.Link, name, media string, body io.Reader, size int64) (int, said) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, link.Base()+"act/"+name, body)
	require.NoError(t, err)
	r.ContentLength = size
	r.Header.Set("Content-Type", media)
	r.Header.Set("Authorization", "Bearer "+link.Token())
	res := do(t, r)
	lines := strings.Split(strings.TrimSpace(res.body), "\n")
	var end said
	if res.status == http.StatusOK {
		require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &end), res.body)
	}
	return res.status, end
}

// quotation is what the page is told that something costs.
type quotation struct {
	ID  string
	Sum struct{ Amount, Denom string }
}

func quoted(t *testing.T, link web.Link, method, body string) quotation {
	t.Helper()
	status, end := act(t, link, "quote/"+method, body)
	require.Equal(t, http.StatusOK, status)
	require.Nil(t, end.Error, "%+v", end.Error)
	var q quotation
	require.NoError(t, json.Unmarshal(end.Result, &q))
	return q
}

func confirmed(t *testing.T, link web.Link, q quotation) said {
	t.Helper()
	body, err := json.Marshal(map[string]any{"id": q.ID, "sum": map[string]string{"amount": q.Sum.Amount, "denom": q.Sum.Denom}})
	require.NoError(t, err)
	status, end := act(t, link, "confirm", string(body))
	require.Equal(t, http.StatusOK, status)
	return end
}

// TestScopesAreKept wants each action to need its scope, and nothing to be done without.
func TestScopesAreKept(t *testing.T) {
	m := newMarket()
	s := start(t, m)
	sell, buy := []string{"upload", "forget", "preview", "quote/Sell", "quote/CancelSale"}, []string{
		"sample", "draft", "bought", "quote/CreatePool", "quote/ClosePool", "quote/Pull",
	}
	for scope, forbidden := range map[web.Scopes][]string{
		web.Read: append(append(append([]string{}, sell...), buy...), "doctor", "confirm", "quote/Withdraw", "quote/AddBond", "quote/Unjail"),
		web.Sell: append(append([]string{}, buy...), "doctor", "quote/AddBond"),
		web.Buy:  append(append([]string{}, sell...), "doctor", "quote/Unjail"),
	} {
		link := s.Owner().Link(scope, time.Hour)
		for _, name := range forbidden {
			status, _ := act(t, link, name, "{}")
			require.Equal(t, http.StatusForbidden, status, "%s may %s", scope, name)
		}
		status, end := act(t, link, "session", "{}")
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, string(end.Result), `"read"`)
	}
	require.False(t, m.wrote)
	status, _ := act(t, linkTo(s), "quote/Nothing", "{}")
	require.Equal(t, http.StatusNotFound, status)
}

func TestParseScopes(t *testing.T) {
	s, err := web.ParseScopes([]string{"read", "sell", "admin"})
	require.NoError(t, err)
	require.Equal(t, web.Sell|web.Admin, s)
	require.Equal(t, "read,sell,admin", s.String())
	_, err = web.ParseScopes([]string{"everything"})
	require.ErrorContains(t, err, "everything")
}

func TestSessionsEnd(t *testing.T) {
	s := start(t, newMarket())
	link := s.Owner().Link(web.Sell, -time.Second)
	status, _ := act(t, link, "session", "{}")
	require.Equal(t, http.StatusUnauthorized, status)
	r := request(t, s, "Status")
	r.Header.Set("Authorization", "Bearer "+link.Token())
	res := do(t, r)
	require.Equal(t, http.StatusUnauthorized, res.status)
	require.Contains(t, res.body, "session has ended")
	require.Contains(t, res.header.Get("WWW-Authenticate"), "ended")
}

// TestTokensCannotBeRaised flips every bit of a token: none gives another session.
func TestTokensCannotBeRaised(t *testing.T) {
	s := start(t, newMarket())
	token := s.Owner().Link(web.Read, time.Hour).Token()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range token {
		other := alphabet[(strings.IndexByte(alphabet, token[i])+1)%len(alphabet)]
		r := request(t, s, "Status")
		r.Header.Set("Authorization", "Bearer "+token[:i]+string(other)+token[i+1:])
		require.Equal(t, http.StatusUnauthorized, do(t, r).status, "at %d", i)
	}
}

// TestActionsOfOtherSites wants forged requests to be refused before anything is done.
func TestActionsOfOtherSites(t *testing.T) {
	m := newMarket()
	s := start(t, m)
	for name, spoil := range map[string]func(*http.Request){
		"no token":       func(r *http.Request) { r.Header.Del("Authorization") },
		"foreign origin": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"cross-site":     func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"same-site":      func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"a form":         func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") },
		"rebound name":   func(r *http.Request) { r.Host = "evil.example" },
		"GET":            func(r *http.Request) { r.Method, r.Body, r.ContentLength = http.MethodGet, nil, 0 },
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, linkTo(s).Base()+"act/quote/Withdraw", strings.NewReader("{}"))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+linkTo(s).Token())
		spoil(r)
		require.GreaterOrEqual(t, do(t, r).status, 400, name)
	}
	require.Zero(t, m.called())
}

// TestSumsAreBound wants that exactly what was seen is done, once, and only by who saw it.
func TestSumsAreBound(t *testing.T) {
	m := newMarket()
	s := start(t, m)
	link := linkTo(s)
	doc, err := sample.Criteria(sample.Patient)
	require.NoError(t, err)
	body, err := json.Marshal(map[string]any{
		"criteria": doc, "title": "t", "price": map[string]string{"amount": "2500000", "denom": "umed"}, "targetCount": "3",
		"requiredCertificates": 1, "validators": []string{validatorAt(1)},
	})
	require.NoError(t, err)
	q := quoted(t, link, "CreatePool", string(body))
	require.Equal(t, "7750000", q.Sum.Amount, "escrow and fees")
	require.Zero(t, m.last().opened, "a quote spends nothing")

	other := q
	other.Sum.Amount = "1"
	require.Equal(t, "invalid", confirmed(t, link, other).Error.Code)
	require.Equal(t, "not_found", confirmed(t, linkTo(s), q).Error.Code, "it is another session's")
	other = q
	other.ID += "x"
	require.Equal(t, "not_found", confirmed(t, link, other).Error.Code)
	require.Zero(t, m.last().opened)

	first, second := confirmed(t, link, q), confirmed(t, link, q)
	require.Nil(t, first.Error)
	require.Equal(t, first, second)
	require.Equal(t, 1, m.last().opened)
	require.NotEmpty(t, m.last().request.RequestId)
	require.Equal(t, "2500000", m.last().request.Price.Amount)
}

func TestBadPoolsAreRefusedBeforeTheSum(t *testing.T) {
	link := linkTo(start(t, newMarket()))
	for name, body := range map[string]string{
		"not JSON":      `{`,
		"unknown field": `{"prise":{}}`,
		"no price":      `{"targetCount":"1"}`,
		"no validator":  `{"price":{"amount":"1","denom":"umed"},"targetCount":"1","requiredCertificates":1}`,
		"no criteria":   `{"price":{"amount":"1","denom":"umed"},"targetCount":"1","requiredCertificates":1,"validators":["v"]}`,
		"overflow": `{"price":{"amount":"18446744073709551615","denom":"umed"},
			"targetCount":"3","requiredCertificates":1,"validators":["v"]}`,
	} {
		_, end := act(t, link, "quote/CreatePool", body)
		require.NotNil(t, end.Error, name)
		require.NotEqual(t, "internal", end.Error.Code, "%s: %s", name, end.Error.Message)
	}
}

// TestASaleIsBoundToItsPreview wants the fields and the deposit that were seen to be ordered.
func TestASaleIsBoundToItsPreview(t *testing.T) {
	m := newMarket()
	link := linkTo(start(t, m))
	_, end := act(t, link, "quote/Sell", `{"poolId":"1","dataId":"d1","fields":["/birthDate"]}`)
	require.Contains(t, end.Error.Message, "Research only", "the required term")
	q := quoted(t, link, "Sell", `{"poolId":"1","dataId":"d1","fields":["/birthDate"],"agreed":[1]}`)
	require.Equal(t, "1100000", q.Sum.Amount)
	require.Nil(t, confirmed(t, link, q).Error)
	require.Equal(t, []string{"/birthDate"}, m.last().sold.Fields)
	require.Equal(t, "100000", m.last().sold.MaxDeposit.Amount)

	m.change(func() { m.findings = []*nodepb.Finding{{Record: 1, Path: "/x", Rule: "r"}} })
	_, end = act(t, link, "quote/Sell", `{"poolId":"1","dataId":"d1","agreed":[1]}`)
	require.Contains(t, end.Error.Message, "break the criteria")
}

func TestUploadsBecomeData(t *testing.T) {
	m := newMarket()
	s := start(t, m)
	link := linkTo(s)
	body := `{"id":"p1"}` + "\n"
	for _, want := range []string{"new.ndjson", "new.ndjson (2)"} {
		status, end := send(t, link, "upload?name=new.ndjson", "application/octet-stream", strings.NewReader(body), int64(len(body)))
		require.Equal(t, http.StatusOK, status)
		require.Nil(t, end.Error, "%+v", end.Error)
		require.Equal(t, want, m.last().registered.Name)
		raw, err := os.ReadFile(m.last().registered.Path)
		require.NoError(t, err)
		require.Equal(t, body, string(raw))
		info, err := os.Stat(m.last().registered.Path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	path := m.last().registered.Path
	_, end := act(t, link, "forget", `{"id":"new.ndjson (2)"}`)
	require.Nil(t, end.Error, "%+v", end.Error)
	require.NoFileExists(t, path)
	require.NoDirExists(t, filepath.Dir(path))
}

// TestBadUploadsLeaveNothing wants what is not data, too large or cut off to be refused by name.
func TestBadUploadsLeaveNothing(t *testing.T) {
	m := newMarket()
	s := start(t, m)
	link, home := linkTo(s), m.home
	for name, want := range map[string]string{
		"holiday.mp4": "no known extension", "": "file name", "../x.ndjson": "file name", ".hidden.ndjson": "file name",
		"a\u202eb.ndjson": "file name", "broken.ndjson": "line 1 is not a JSON object",
	} {
		status, end := send(t, link, "upload?"+url.Values{"name": {name}}.Encode(), "application/octet-stream", strings.NewReader("zzz"), 3)
		require.Equal(t, http.StatusOK, status)
		require.NotNil(t, end.Error, name)
		require.Contains(t, end.Error.Message, want)
		require.NotContains(t, end.Error.Message, home, "nobody chose that folder")
	}
	_, end := send(t, link, "upload?name=x.ndjson", "application/octet-stream", http.NoBody, 0)
	require.Contains(t, end.Error.Message, "empty")
	left, err := os.ReadDir(filepath.Join(home, web.UploadFolder))
	if !os.IsNotExist(err) {
		require.NoError(t, err)
		require.Empty(t, left)
	}
}

// TestHugeUploadsAreRefusedByTheirLength sends no byte of a file for which there is no space.
func TestHugeUploadsAreRefusedByTheirLength(t *testing.T) {
	m := newMarket()
	link := linkTo(start(t, m))
	r, err := http.NewRequestWithContext(
		t.Context(),
		http.MethodPost,
		link.Base()+"act/upload?name=huge.ndjson",
		io.LimitReader(&endless{}, 1<<50),
	)
	require.NoError(t, err)
	r.ContentLength = 1 << 50
	r.Header.Set("Content-Type", "application/octet-stream")
	r.Header.Set("Authorization", "Bearer "+link.Token())
	r.Header.Set("Expect", "100-continue")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, ExpectContinueTimeout: patience}}
	res, err := client.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Contains(t, string(raw), "uploads may take")
}

func TestForgottenUploadsAreSwept(t *testing.T) {
	m := newMarket()
	home := t.TempDir()
	kept, gone := filepath.Join(home, web.UploadFolder, "A", "d1.ndjson"), filepath.Join(home, web.UploadFolder, "B", "half.ndjson")
	for _, path := range []string{kept, gone} {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte("x"), 0o600))
	}
	m.change(func() { m.data = []*nodepb.Data{{Id: "d1", Path: kept}} })
	s, err := web.New(web.Config{Address: "127.0.0.1:0", Home: home, API: m})
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	require.NoError(t, s.Stop(t.Context()))
	require.FileExists(t, kept)
	require.NoDirExists(t, filepath.Dir(gone))
}

func TestDraftsOfSamples(t *testing.T) {
	link := linkTo(start(t, newMarket()))
	body := `{"id":"p1","rate":61.5}` + "\n" + `{"id":"p2","rate":60,"day":"2024-01-01"}` + "\n"
	_, end := send(t, link, "sample?name=s.ndjson", "application/octet-stream", strings.NewReader(body), int64(len(body)))
	require.Nil(t, end.Error, "%+v", end.Error)
	var found struct {
		MediaType string           `json:"media_type"`
		Columns   []map[string]any `json:"columns"`
	}
	require.NoError(t, json.Unmarshal(end.Result, &found))
	require.Len(t, found.Columns, 3)
	form, err := json.Marshal(map[string]any{
		"title": "Heart rates", "description": "", "media_type": found.MediaType, "columns": found.Columns, "unique": [][]string{},
	})
	require.NoError(t, err)
	_, end = act(t, link, "draft", string(form))
	require.Nil(t, end.Error, "%+v", end.Error)
	_, end = act(t, link, "explain", string(end.Result))
	require.Nil(t, end.Error, "%+v", end.Error)
	require.Contains(t, string(end.Result), "rate (required): a number")

	for name, body := range map[string]string{"scan.dcm": "DICM", "x.parquet": "PAR1", "x.txt": "x", "s.ndjson": "not JSON"} {
		_, end := send(t, link, "sample?name="+name, "application/octet-stream", strings.NewReader(body), int64(len(body)))
		require.NotNil(t, end.Error, name)
		require.NotEqual(t, "internal", end.Error.Code, "%s: %s", name, end.Error.Message)
	}
	_, end = act(t, link, "draft", `{"title":"t","media_type":"application/x-ndjson","columns":[{"name":"a","kind":"colour"}]}`)
	require.Contains(t, end.Error.Message, "colour")
}

func TestBoughtRecordsAreShown(t *testing.T) {
	m := newMarket()
	link := linkTo(start(t, m))
	dir := t.TempDir()
	path := filepath.Join(dir, "1.ndjson")
	put := func(content []byte) string {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		m.change(func() { m.path = path })
		_, end := act(t, link, "bought", `{"id":"1"}`)
		require.Nil(t, end.Error, "%+v", end.Error)
		return string(end.Result)
	}
	require.Contains(t, put([]byte("{\"a\":1}\r\n{\"a\":2}\n")), `"lines":["{\"a\":1}","{\"a\":2}"]`)
	require.Contains(t, put([]byte{0xff, 0xd8, 0, 1}), `"binary":true`)
	long := put(bytes.Repeat([]byte("{\"a\":\"\u00e4\"}\n"), 50_000))
	require.Contains(t, long, `"more":true`)
	require.Less(t, len(long), 1<<12)
	require.Contains(
		t,
		put(append([]byte("x"), bytes.Repeat([]byte("\u00e4"), 50_000)...)),
		`"binary":false`,
		"a character that the end cuts through",
	)
	m.change(func() { m.path = dir })
	_, end := act(t, link, "bought", `{"id":"1"}`)
	require.Contains(t, string(end.Result), `"names":["1.ndjson"]`)
	require.NoError(t, os.Remove(path))
	m.change(func() { m.path = path })
	_, end = act(t, link, "bought", `{"id":"1"}`)
	require.Equal(t, "not_found", end.Error.Code)
}
