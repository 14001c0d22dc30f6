package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/web"
)

func start(t *testing.T, m *market) *web.Server {
	t.Helper()
	m.home = t.TempDir()
	s, err := web.New(web.Config{
		Address: "127.0.0.1:0", Home: m.home, API: m,
		Fees:   func() web.Fees { return web.Fees{NewPool: 250_000, Ack: 300_000, Withdrawal: 400_000} },
		Doctor: func(context.Context) []api.Health { return []api.Health{{Part: "disk", Message: hostile}} },
	})
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, s.Stop(t.Context())) })
	return s
}

// linkTo is a link to a page with all scopes.
func linkTo(s *web.Server) web.Link { return s.Owner().Link(web.Sell|web.Buy|web.Admin, time.Hour) }

// request is a call as the page makes it, for tests to spoil.
func request(t *testing.T, s *web.Server, method string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, linkTo(s).Base()+"pdx.node.v1.NodeService/"+method,
		strings.NewReader("{}"))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+linkTo(s).Token())
	return r
}

// reply is a whole answer.
type reply struct {
	status int
	header http.Header
	body   string
}

func do(t *testing.T, r *http.Request) reply {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return reply{res.StatusCode, res.Header, string(body)}
}

// methods are the names of all calls, read from the service itself.
func methods() (all []string) {
	service := nodepb.File_pdx_node_v1_node_proto.Services().ByName("NodeService").Methods()
	for i := range service.Len() {
		all = append(all, string(service.Get(i).Name()))
	}
	return all
}

func TestReadingMethodsPass(t *testing.T) {
	m := newMarket()
	s := start(t, m)
	reads := reflect.TypeFor[web.Reader]()
	for i := range reads.NumMethod() {
		res := do(t, request(t, s, reads.Method(i).Name))
		require.Equal(t, http.StatusOK, res.status, "%s: %s", reads.Method(i).Name, res.body)
	}
	require.NotZero(t, m.called())
}

func TestNothingElsePasses(t *testing.T) {
	m := newMarket()
	s := start(t, m)
	reads := reflect.TypeFor[web.Reader]()
	refused := 0
	for _, name := range append(methods(), "NoSuchMethod", "status", "Status/", "../Withdraw") {
		if _, ok := reads.MethodByName(name); ok {
			continue
		}
		res := do(t, request(t, s, name))
		require.Contains(t, []int{http.StatusForbidden, http.StatusNotFound}, res.status, "%s: %s", name, res.body)
		refused++
	}
	require.Equal(t, len(methods())-reads.NumMethod()+4, refused)
	require.False(t, m.wrote)
	require.Zero(t, m.called())
}

func TestRefusals(t *testing.T) {
	m := newMarket()
	s := start(t, m)
	_, port, err := net.SplitHostPort(strings.TrimSuffix(strings.TrimPrefix(linkTo(s).Base(), "http://"), "/"))
	require.NoError(t, err)
	own := strings.TrimSuffix(linkTo(s).Base(), "/")
	for name, c := range map[string]struct {
		spoil  func(*http.Request)
		status int
	}{
		"nothing wrong": {func(*http.Request) {}, http.StatusOK},
		"own origin": {
			func(r *http.Request) { r.Header.Set("Origin", own); r.Header.Set("Sec-Fetch-Site", "same-origin") },
			http.StatusOK,
		},
		"called localhost": {func(r *http.Request) { r.Host = "localhost:" + port }, http.StatusOK},
		"no token":         {func(r *http.Request) { r.Header.Del("Authorization") }, http.StatusUnauthorized},
		"empty token":      {func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") }, http.StatusUnauthorized},
		"wrong token": {
			func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+strings.Repeat("A", 43)) },
			http.StatusUnauthorized,
		},
		"half a token": {func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+linkTo(s).Token()[:20]) }, http.StatusUnauthorized},
		"token in the query": {
			func(r *http.Request) { r.Header.Del("Authorization"); r.URL.RawQuery = "token=" + linkTo(s).Token() },
			http.StatusUnauthorized,
		},
		"rebound name":       {func(r *http.Request) { r.Host = "evil.example:" + port }, http.StatusForbidden},
		"no port":            {func(r *http.Request) { r.Host = "127.0.0.1" }, http.StatusForbidden},
		"other port":         {func(r *http.Request) { r.Host = "127.0.0.1:1" }, http.StatusForbidden},
		"foreign origin":     {func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, http.StatusForbidden},
		"origin null":        {func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden},
		"neighbour's origin": {func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:1") }, http.StatusForbidden},
		"origin by https": {
			func(r *http.Request) { r.Header.Set("Origin", strings.Replace(own, "http:", "https:", 1)) },
			http.StatusForbidden,
		},
		"cross-site": {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		"same-site":  {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, http.StatusForbidden},
		"GET":        {func(r *http.Request) { r.Method, r.Body, r.ContentLength = http.MethodGet, nil, 0 }, http.StatusMethodNotAllowed},
		"Connect's own GET": {func(r *http.Request) {
			r.Method, r.Body, r.ContentLength = http.MethodGet, nil, 0
			r.URL.RawQuery = "encoding=json&message=%7B%7D&connect=v1"
		}, http.StatusMethodNotAllowed},
		"OPTIONS":  {func(r *http.Request) { r.Method, r.Body, r.ContentLength = http.MethodOptions, nil, 0 }, http.StatusMethodNotAllowed},
		"a form":   {func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, http.StatusUnsupportedMediaType},
		"gRPC":     {func(r *http.Request) { r.Header.Set("Content-Type", "application/grpc") }, http.StatusUnsupportedMediaType},
		"gRPC-Web": {func(r *http.Request) { r.Header.Set("Content-Type", "application/grpc-web+json") }, http.StatusUnsupportedMediaType},
		"a body without end": {func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(`{"x":"` + strings.Repeat("x", 1<<20) + `"}`))
			r.ContentLength = -1
		}, http.StatusTooManyRequests},
	} {
		t.Run(name, func(t *testing.T) {
			before := m.called()
			r := request(t, s, "ListPools")
			c.spoil(r)
			res := do(t, r)
			require.Equal(t, c.status, res.status, res.body)
			require.Empty(t, res.header.Get("Set-Cookie"))
			require.Empty(t, res.header.Get("Access-Control-Allow-Origin"))
			if c.status == http.StatusOK {
				require.Equal(t, before+1, m.called())
				return
			}
			require.Equal(t, before, m.called(), "the node was asked")
			require.NotContains(t, res.body, linkTo(s).Token())
		})
	}
}

func TestHeadersWithoutEndAreCutOff(t *testing.T) {
	s := start(t, newMarket())
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(linkTo(s).Base(), "http://"), "/"))
	require.NoError(t, err)
	defer conn.Close()
	go func() { _, _ = io.Copy(conn, io.MultiReader(strings.NewReader("GET / HTTP/1.1\r\nX: "), &endless{})) }() // ends with the connection
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "431")
}

// endless is a text that goes on.
type endless struct{}

func (*endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestRefusalsSayWhy(t *testing.T) {
	s := start(t, newMarket())
	r := request(t, s, "Withdraw")
	res := do(t, r)
	require.Equal(t, http.StatusForbidden, res.status)
	var answer struct{ Code, Message string }
	require.NoError(t, json.Unmarshal([]byte(res.body), &answer))
	require.Equal(t, "permission_denied", answer.Code)
	require.Contains(t, answer.Message, "only read")

	r = request(t, s, "Status")
	r.Header.Del("Authorization")
	res = do(t, r)
	require.Equal(t, "Bearer", res.header.Get("WWW-Authenticate"))
	require.NoError(t, json.Unmarshal([]byte(res.body), &answer))
	require.Equal(t, "unauthenticated", answer.Code)
	require.Contains(t, answer.Message, "pdx web")
}

func TestNodesErrorsKeepTheirCodes(t *testing.T) {
	m := newMarket()
	s := start(t, m)
	m.change(func() { m.down = true })
	res := do(t, request(t, s, "Status"))
	require.Equal(t, http.StatusServiceUnavailable, res.status)
	require.Contains(t, res.body, "unavailable")
}

func TestEveryAnswerIsHardened(t *testing.T) {
	s := start(t, newMarket())
	base := linkTo(s).Base()
	for _, path := range []string{"", "index.html", "app.js", "style.css", "icon.svg", "nothing", "pdx.node.v1.NodeService/Status"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		require.NoError(t, err)
		res := do(t, r)
		csp := res.header.Get("Content-Security-Policy")
		require.True(t, strings.HasPrefix(csp, "default-src 'none'; "), csp)
		require.Contains(t, csp, "frame-ancestors 'none'")
		require.NotContains(t, csp, "unsafe")
		require.Equal(t, "DENY", res.header.Get("X-Frame-Options"))
		require.Equal(t, "nosniff", res.header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-referrer", res.header.Get("Referrer-Policy"))
		require.Equal(t, "no-store", res.header.Get("Cache-Control"))
		require.Empty(t, res.header.Get("Set-Cookie"))
		require.NotContains(t, res.body, linkTo(s).Token())
	}
}

func TestPageIsItsOwn(t *testing.T) {
	s := start(t, newMarket())
	files, err := os.ReadDir("page")
	require.NoError(t, err)
	for _, f := range files {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, linkTo(s).Base()+f.Name(), nil)
		require.NoError(t, err)
		res := do(t, r)
		require.Equal(t, http.StatusOK, res.status)
		require.NotContains(t, res.header.Get("Content-Type"), "plain", f.Name())
		body := strings.ReplaceAll(res.body, "http://www.w3.org/2000/svg", "") // the name of a language
		require.NotRegexp(t, `https?:|"//|@import|innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|\sstyle=|\son[a-z]+=`, body,
			f.Name())
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, linkTo(s).Base(), strings.NewReader("x"))
	require.NoError(t, err)
	res := do(t, r)
	require.Equal(t, http.StatusMethodNotAllowed, res.status)
}

func TestAddresses(t *testing.T) {
	for _, good := range []string{"127.0.0.1:8780", "127.8.9.1:1", "[::1]:8780", "localhost:0"} {
		require.NoError(t, web.CheckAddress(good), good)
	}
	for _, bad := range []string{
		"", ":8780", "8780", "0.0.0.0:8780", "[::]:8780", "192.168.1.2:8780", "example.com:80",
		"localhost.evil.example:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:http", "127.1:80", "localhost :80",
	} {
		require.ErrorIs(t, web.CheckAddress(bad), pdx.ErrInvalid, bad)
		_, err := web.New(web.Config{Address: bad, Home: t.TempDir(), API: newMarket()})
		require.ErrorIs(t, err, pdx.ErrInvalid)
		require.ErrorContains(t, err, "api.web")
	}
}

func TestLocalhostIsServed(t *testing.T) {
	s, err := web.New(web.Config{Address: "localhost:0", Home: t.TempDir(), API: newMarket()})
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	require.NoError(t, linkTo(s).Check(t.Context()))
	require.NoError(t, s.Stop(t.Context()))
}

func TestTakenPortIsSaid(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	s, err := web.New(web.Config{Address: taken.Addr().String(), Home: t.TempDir(), API: newMarket()})
	require.NoError(t, err)
	err = s.Start(t.Context())
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorContains(t, err, "api.web")
	require.NoError(t, s.Stop(t.Context()), "what did not start can be stopped")
}

func TestKeyFile(t *testing.T) {
	home := t.TempDir()
	old := filepath.Join(home, "web.token")
	require.NoError(t, os.WriteFile(old, []byte("left behind"), 0o644))
	require.Equal(t, old, web.TokenFile(home))
	_, err := web.ReadOwner(home)
	require.ErrorIs(t, err, pdx.ErrInvalid)

	var links []web.Link
	for range 2 {
		s, err := web.New(web.Config{Address: "127.0.0.1:0", Home: home, API: newMarket()})
		require.NoError(t, err)
		require.NoError(t, s.Start(t.Context()))
		info, err := os.Stat(old)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		owner, err := web.ReadOwner(home)
		require.NoError(t, err)
		require.Equal(t, s.Owner(), owner)
		link := owner.Link(web.Read, time.Hour)
		require.NoError(t, link.Check(t.Context()))
		require.Equal(t, link.Base()+"#token="+link.Token(), link.URL())
		if links = append(links, link); len(links) == 2 {
			r := request(t, s, "Status")
			r.Header.Set("Authorization", "Bearer "+links[0].Token())
			require.Equal(t, http.StatusUnauthorized, do(t, r).status, "each start has a key of its own")
		}
		require.NoError(t, s.Stop(t.Context()))
		require.NoError(t, s.Stop(t.Context()))
		require.ErrorIs(t, link.Check(t.Context()), pdx.ErrUnavailable)
		_, err = web.ReadOwner(home)
		require.ErrorIs(t, err, pdx.ErrNotFound)
	}
	left, err := os.ReadDir(home)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestOldKeyIsRefused(t *testing.T) {
	s, other := start(t, newMarket()), t.TempDir()
	text := linkTo(s).Base() + "#key=" + strings.Repeat("A", 43)
	require.NoError(t, os.WriteFile(web.TokenFile(other), []byte(text), 0o600))
	owner, err := web.ReadOwner(other)
	require.NoError(t, err)
	require.ErrorIs(t, owner.Link(web.Read, time.Hour).Check(t.Context()), pdx.ErrRefused)
}

func TestForeignKeyFilesAreRefused(t *testing.T) {
	home := t.TempDir()
	key := strings.Repeat("A", 43)
	for _, text := range []string{
		"", key, "https://127.0.0.1:1/#key=" + key, "http://example.com:80/#key=" + key, "http://127.0.0.1:1#key=" + key,
		"http://127.0.0.1:1/#key=" + key[:40], "http://127.0.0.1:1/#key=" + key + "A", "http://127.0.0.1:1/x/#key=" + key,
		"http://127.0.0.1:1/#token=" + key, strings.Repeat("x", 1<<20),
	} {
		require.NoError(t, os.WriteFile(web.TokenFile(home), []byte(text), 0o600))
		_, err := web.ReadOwner(home)
		require.ErrorIs(t, err, pdx.ErrInvalid, "%.80s", text)
	}
}

func FuzzReadOwner(f *testing.F) {
	f.Add("http://127.0.0.1:8780/#key=" + strings.Repeat("A", 43) + "\n")
	f.Add("http://[::1]:1/#key=")
	home := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		require.NoError(t, os.WriteFile(web.TokenFile(home), []byte(text), 0o600))
		owner, err := web.ReadOwner(home)
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrInvalid)
			return
		}
		require.True(t, strings.HasPrefix(text, owner.Base()+"#key="))
		require.NoError(t, web.CheckAddress(strings.TrimSuffix(strings.TrimPrefix(owner.Base(), "http://"), "/")))
	})
}

func TestLeaveIsPrivate(t *testing.T) {
	home := t.TempDir()
	link := linkTo(start(t, newMarket()))
	path, err := link.Leave(home)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(raw), link.URL())
}

func TestLinkKeepsItsToken(t *testing.T) {
	s := start(t, newMarket())
	link := linkTo(s)
	text, err := json.Marshal(map[string]any{"link": link, "owner": s.Owner()})
	require.NoError(t, err)
	for _, shown := range []string{
		fmt.Sprint(link), fmt.Sprintf("%v %+v %#v %s %q", link, link, link, link, link), string(text),
		fmt.Sprintf("%v %+v %#v %s", s.Owner(), s.Owner(), s.Owner(), s.Owner()),
		link.LogValue().String(),
	} {
		require.NotContains(t, shown, link.Token())
	}
}
