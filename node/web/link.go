package web

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"connectrpc.com/connect"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// What stands between the address and a secret. What follows a # is not sent by browsers.
const (
	tokenFragment = "#token="
	keyFragment   = "#key="
)

// openFile is the file that leads a browser to the page.
const openFile = "open.html"

// Link is the address of a page with a token. Only URL and Token reveal the token.
type Link struct {
	base  string // http://host:port/
	token string
}

// URL is the link as a person opens it. It is a secret.
func (l Link) URL() string { return l.base + tokenFragment + l.token }

// Base is the address without the token.
func (l Link) Base() string { return l.base }

// Token is what a script sends as Authorization: Bearer. It is a secret.
func (l Link) Token() string { return l.token }

// String is the address without the token.
func (l Link) String() string { return l.base }

// GoString is the address without the token.
func (l Link) GoString() string { return l.base }

// LogValue is the address without the token.
func (l Link) LogValue() slog.Value { return slog.StringValue(l.base) }

// MarshalText is the address without the token.
func (l Link) MarshalText() ([]byte, error) { return []byte(l.base), nil }

// Leave writes a file that leads a browser to the page, and returns its path. Only its owner
// can read it: the link is a secret, and the command line of a browser is not.
func (l Link) Leave(home string) (path string, err error) {
	path = filepath.Join(home, openFile)
	html := `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">` +
		`<meta http-equiv="refresh" content="0; url=` + l.URL() + `"><title>pdx</title>`
	return path, durable.Replace(path, []byte(html))
}

// Owner makes links to the page of a running node. Who has one is the node's owner.
type Owner struct {
	base string
	key  key
}

// Link makes a link with a session of its own, which ends after some time or when the
// daemon does.
func (o Owner) Link(scopes Scopes, life time.Duration) Link {
	return Link{o.base, o.key.grant(scopes, time.Now().Add(life))}
}

// Base is the address of the page.
func (o Owner) Base() string { return o.base }

// String is the address without the key.
func (o Owner) String() string { return o.base }

// GoString is the address without the key.
func (o Owner) GoString() string { return o.base }

// LogValue is the address without the key.
func (o Owner) LogValue() slog.Value { return slog.StringValue(o.base) }

// MarshalText is the address without the key.
func (o Owner) MarshalText() ([]byte, error) { return []byte(o.base), nil }

// TokenFile is where a running node leaves the key that makes links to its page.
func TokenFile(home string) string { return filepath.Join(home, "web.token") }

// write leaves the key in the file, readable by its owner only. It replaces the file, so
// that an old one's mode does not matter.
func (o Owner) write(home string) error {
	if err := durable.Replace(TokenFile(home), []byte(o.base+keyFragment+o.key.text()+"\n")); err != nil {
		return fmt.Errorf("write token: %w", err)
	}
	return nil
}

// ReadOwner reads the key that the node of a home left; pdx.ErrNotFound when there is none.
func ReadOwner(home string) (Owner, error) {
	f, err := os.Open(TokenFile(home))
	if errors.Is(err, os.ErrNotExist) {
		return Owner{}, fmt.Errorf("%s: %w", TokenFile(home), pdx.ErrNotFound)
	}
	if err != nil {
		return Owner{}, fmt.Errorf("read token: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxLink))
	if err != nil {
		return Owner{}, fmt.Errorf("read token: %w", err)
	}
	owner, err := parseOwner(strings.TrimSuffix(string(raw), "\n"))
	if err != nil {
		return Owner{}, fmt.Errorf("%s: %w", TokenFile(home), err)
	}
	return owner, nil
}

func parseOwner(text string) (o Owner, err error) {
	base, secret, _ := strings.Cut(text, keyFragment)
	host, slash := strings.CutSuffix(strings.TrimPrefix(base, "http://"), "/")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	if !slash || !strings.HasPrefix(base, "http://") || CheckAddress(host) != nil || err != nil || len(raw) != len(o.key) {
		return Owner{}, fmt.Errorf("%w: not the key of a page", pdx.ErrInvalid)
	}
	o.base = base
	copy(o.key[:], raw)
	return o, nil
}

// Check calls the page with the token; pdx.ErrUnavailable when it does not
// answer, pdx.ErrRefused when the token is an older one's.
func (l Link) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true} // no proxy either: it is this machine
	client := nodepbconnect.NewNodeServiceClient(&http.Client{Transport: transport}, strings.TrimSuffix(l.base, "/"),
		connect.WithProtoJSON(), connect.WithInterceptors(bearer(l.token)))
	_, err := client.ListSales(ctx, &nodepb.ListSalesRequest{Limit: 1, Reverse: true})
	switch {
	case err == nil:
		return nil
	case connect.CodeOf(err) == connect.CodeUnauthenticated:
		return fmt.Errorf("%s: %w: its token has been replaced; restart the daemon", l.base, pdx.ErrRefused)
	}
	if status := new(connect.Error); errors.As(err, &status) {
		err = errors.New(status.Message())
	}
	return fmt.Errorf("%s: %w: %w", l.base, pdx.ErrUnavailable, err)
}

// bearer is the interceptor that shows the token.
func bearer(token string) connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			req.Header().Set("Authorization", "Bearer "+token)
			return next(ctx, req)
		}
	}
}
