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

	"connectrpc.com/connect"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// fragment stands between the address and the token. What follows a # is not
// sent by browsers.
const fragment = "#token="

// Link is the address of a page with its token. Only URL and Token reveal the token.
type Link struct {
	base  string // http://host:port/
	token string
}

// URL is the link as a person opens it. It is a secret.
func (l Link) URL() string { return l.base + fragment + l.token }

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

// TokenFile is where a running node leaves the link to its page.
func TokenFile(home string) string { return filepath.Join(home, "web.token") }

// write leaves the link in the token file, readable by its owner only. It
// replaces the file, so that an old one's mode does not matter.
func (l Link) write(home string) error {
	if err := durable.Replace(TokenFile(home), []byte(l.URL()+"\n")); err != nil {
		return fmt.Errorf("write token: %w", err)
	}
	return nil
}

// ReadLink reads the link that the node of a home left; pdx.ErrNotFound when
// there is none.
func ReadLink(home string) (Link, error) {
	f, err := os.Open(TokenFile(home))
	if errors.Is(err, os.ErrNotExist) {
		return Link{}, fmt.Errorf("%s: %w", TokenFile(home), pdx.ErrNotFound)
	}
	if err != nil {
		return Link{}, fmt.Errorf("read token: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxLink))
	if err != nil {
		return Link{}, fmt.Errorf("read token: %w", err)
	}
	link, err := parseLink(strings.TrimSuffix(string(raw), "\n"))
	if err != nil {
		return Link{}, fmt.Errorf("%s: %w", TokenFile(home), err)
	}
	return link, nil
}

func parseLink(text string) (Link, error) {
	base, secret, _ := strings.Cut(text, fragment)
	host, slash := strings.CutSuffix(strings.TrimPrefix(base, "http://"), "/")
	key, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	if !slash || !strings.HasPrefix(base, "http://") || CheckAddress(host) != nil || err != nil || len(key) != len(token{}) {
		return Link{}, fmt.Errorf("%w: not the link to a page", pdx.ErrInvalid)
	}
	return Link{base, secret}, nil
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
