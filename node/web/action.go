package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/api"
)

// action is something that a session may do. What it spends needs a second step (quote.go).
type action struct {
	needs Scopes
	media string
	most  int64 // bytes of the request; 0: it bounds what it streams itself
	heavy bool  // it reads whole data: only a few run at once
	do    func(d *desk, c *call) (any, error)
}

// actions are all actions by name.
var actions = map[string]action{
	"session":          {media: mediaJSON, most: maxRequest, do: (*desk).session},
	"explain":          {media: mediaJSON, most: maxCriteria, do: (*desk).explain},
	"confirm":          {needs: Sell | Buy | Admin, media: mediaJSON, most: maxRequest, do: (*desk).confirm},
	"upload":           {needs: Sell, media: mediaBytes, heavy: true, do: (*desk).upload},
	"forget":           {needs: Sell, media: mediaJSON, most: maxRequest, do: (*desk).forget},
	"preview":          {needs: Sell, media: mediaJSON, most: maxRequest, heavy: true, do: (*desk).preview},
	"sample":           {needs: Buy, media: mediaBytes, most: maxSample, heavy: true, do: (*desk).sample},
	"draft":            {needs: Buy, media: mediaJSON, most: maxCriteria, do: (*desk).draft},
	"bought":           {needs: Buy, media: mediaJSON, most: maxRequest, do: (*desk).bought},
	"doctor":           {needs: Admin, media: mediaJSON, most: maxRequest, do: (*desk).examine},
	"quote/Sell":       {needs: Sell, media: mediaJSON, most: maxRequest, heavy: true, do: quoting((*desk).priceSale)},
	"quote/CancelSale": {needs: Sell, media: mediaJSON, most: maxRequest, do: quoting((*desk).priceCancel)},
	"quote/CreatePool": {needs: Buy, media: mediaJSON, most: maxCriteria, do: quoting((*desk).pricePool)},
	"quote/ClosePool":  {needs: Buy, media: mediaJSON, most: maxRequest, do: quoting((*desk).priceClose)},
	"quote/Pull":       {needs: Buy, media: mediaJSON, most: maxRequest, do: quoting((*desk).pricePull)},
	"quote/Withdraw":   {needs: Sell | Buy | Admin, media: mediaJSON, most: maxRequest, do: quoting((*desk).priceWithdraw)},
	"quote/AddBond":    {needs: Admin, media: mediaJSON, most: maxRequest, do: quoting((*desk).priceBond)},
	"quote/Unjail":     {needs: Admin, media: mediaJSON, most: maxRequest, do: quoting((*desk).priceUnjail)},
}

func actionAt(name string) (action, bool) {
	a, ok := actions[name]
	return a, ok
}

// call is a request for an action.
type call struct {
	ctx     context.Context //nolint:containedctx // a call is one, like http.Request
	session session
	query   url.Values
	body    io.Reader
	size    int64 // of the body, as announced; -1 if it is not
	texts   *message.Catalog
	report  func(pdx.Progress)
}

// read reads the request as a message of the API. Unknown fields are refused.
func (c *call) read(m proto.Message) error {
	raw, err := io.ReadAll(c.body)
	if err != nil {
		return err
	}
	if err := protojson.Unmarshal(raw, m); err != nil {
		return fmt.Errorf("request: %w: %w", pdx.ErrInvalid, err)
	}
	return nil
}

// decode reads the request as JSON of the page's own.
func (c *call) decode(v any) error {
	d := json.NewDecoder(c.body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("request: %w: %w", pdx.ErrInvalid, err)
	}
	return nil
}

// desk does the actions.
type desk struct {
	cfg     Config
	heavy   chan struct{}
	quotes  quotes
	uploads uploads
}

func newDesk(cfg Config) *desk {
	return &desk{cfg: cfg, heavy: make(chan struct{}, maxHeavy), uploads: uploads{home: cfg.Home}}
}

// answer does an action. The answer is lines of JSON: {"progress": …} now and then, and at
// the end {"result": …} or {"error": …}.
func (d *desk) answer(w http.ResponseWriter, r *http.Request, s session, a action) {
	out := newLines(w)
	ctx, cancel := context.WithTimeout(r.Context(), actTimeout)
	defer cancel()
	if d.cfg.Patient != nil {
		ctx = d.cfg.Patient(ctx)
	}
	body := io.Reader(r.Body)
	if a.most > 0 {
		body = http.MaxBytesReader(w, r.Body, a.most)
	}
	c := &call{
		ctx: ctx, session: s, query: r.URL.Query(), body: body, size: r.ContentLength,
		texts: message.For(r.Header.Get("Accept-Language")), report: out.progress,
	}
	if a.heavy {
		control := http.NewResponseController(w) // a deadline that cannot be moved stays as it is
		_ = control.SetReadDeadline(time.Now().Add(actTimeout))
		_ = control.SetWriteDeadline(time.Now().Add(actTimeout))
		select {
		case d.heavy <- struct{}{}:
			defer func() { <-d.heavy }()
		case <-ctx.Done():
			return
		}
	}
	result, err := a.do(d, c)
	if err != nil {
		out.fail(err)
		return
	}
	out.write(map[string]any{"result": result})
}

// lines writes the lines of an answer.
type lines struct {
	mu sync.Mutex
	w  http.ResponseWriter
}

func newLines(w http.ResponseWriter) *lines {
	w.Header().Set("Content-Type", "application/x-ndjson")
	return &lines{w: w}
}

func (l *lines) write(v any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	raw, err := json.Marshal(v)
	if err != nil {
		raw = []byte(`{"error":{"code":"internal","message":"the answer cannot be written"}}`)
	}
	_, _ = l.w.Write(append(raw, '\n')) // the reader is gone: nobody to tell
	_ = http.NewResponseController(l.w).Flush()
}

func (l *lines) progress(p pdx.Progress) {
	l.write(map[string]any{"progress": map[string]any{"step": string(p.Stage), "done": p.Done, "work": p.Total}})
}

// fail says what went wrong, with the name of its kind.
func (l *lines) fail(err error) {
	code := "internal"
	if kind, ok := api.KindOf(err); ok {
		code = kind.Name
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		code, err = "invalid", fmt.Errorf("%w: the request is larger than %d bytes", pdx.ErrInvalid, large.Limit)
	}
	l.write(map[string]any{"error": map[string]string{"code": code, "message": strings.ToValidUTF8(err.Error(), "\uFFFD")}})
}

// shown is a message of the API as JSON.
func shown(m proto.Message) (json.RawMessage, error) { return protojson.Marshal(m) }

// session says what this session may do, and until when.
func (d *desk) session(c *call) (any, error) {
	return map[string]any{"scopes": c.session.scopes.Names(), "until": c.session.until.UTC().Format(time.RFC3339)}, nil
}

// finding is one of the doctor's.
type finding struct {
	Part    string `json:"part"`
	OK      bool   `json:"ok"`
	Message string `json:"message"`
}

// examine has the doctor look at the home.
func (d *desk) examine(c *call) (any, error) {
	list := []finding{}
	if d.cfg.Doctor == nil {
		return list, nil
	}
	for _, h := range d.cfg.Doctor(c.ctx) {
		list = append(list, finding{h.Part, h.OK, h.Message})
	}
	return list, nil
}
