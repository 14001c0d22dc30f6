package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
)

// part is one sum of what an action costs.
type part struct {
	Name   string     `json:"name"` // the page has a text for it
	Amount pdx.Amount `json:"-"`
	Shown  moneyJSON  `json:"amount"`
}

// moneyJSON is an amount as the API writes it.
type moneyJSON struct {
	Amount string `json:"amount"`
	Denom  string `json:"denom"`
}

func money(a pdx.Amount) moneyJSON {
	m := api.FromAmount(a)
	return moneyJSON{m.Amount, m.Denom}
}

// priced is what an action costs, and how to do exactly that.
type priced struct {
	costs []part
	about map[string]any // what the page shows beside the sum
	do    func(ctx context.Context) (proto.Message, error)
}

func (p *priced) add(name string, a pdx.Amount) { p.costs = append(p.costs, part{name, a, money(a)}) }

func (p *priced) sum() (pdx.Amount, error) {
	var sum pdx.Amount
	for _, part := range p.costs {
		if sum+part.Amount < sum {
			return 0, fmt.Errorf("%w: the sum is too large", pdx.ErrInvalid)
		}
		sum += part.Amount
	}
	return sum, nil
}

// quote is a sum that a session may confirm once.
type quote struct {
	id      string
	session sessionID
	sum     pdx.Amount
	until   time.Time
	do      func(ctx context.Context) (proto.Message, error)

	once   sync.Once // a second confirmation gets the result of the first
	result json.RawMessage
	err    error
}

// quotes are the latest quotes of all sessions.
type quotes struct {
	mu   sync.Mutex
	list []*quote // oldest first
}

func (q *quotes) add(n *quote) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == maxQuotes {
		q.list = q.list[1:]
	}
	q.list = append(q.list, n)
}

// find is the quote of a session.
func (q *quotes) find(id string, s sessionID) *quote {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, n := range q.list {
		if n.id == id && n.session == s {
			return n
		}
	}
	return nil
}

// quoting is the action that prices another one and remembers what the price was for.
func quoting(price func(d *desk, c *call, id string) (priced, error)) func(d *desk, c *call) (any, error) {
	return func(d *desk, c *call) (any, error) {
		id := rand.Text()
		p, err := price(d, c, id)
		if err != nil {
			return nil, err
		}
		sum, err := p.sum()
		if err != nil {
			return nil, err
		}
		until := time.Now().Add(quoteLife)
		d.quotes.add(&quote{id: id, session: c.session.id, sum: sum, until: until, do: p.do})
		return map[string]any{
			"id": id, "sum": money(sum), "parts": p.costs, "about": p.about, "until": until.UTC().Format(time.RFC3339),
		}, nil
	}
}

// confirm does what a quote was made for. The request names the sum again, so that nobody
// confirms another one than was seen. The action goes on when the browser is gone.
func (d *desk) confirm(c *call) (any, error) {
	var r struct {
		ID  string    `json:"id"`
		Sum moneyJSON `json:"sum"`
	}
	if err := c.decode(&r); err != nil {
		return nil, err
	}
	q := d.quotes.find(r.ID, c.session.id)
	switch {
	case q == nil:
		return nil, fmt.Errorf("%w: no such sum waits to be confirmed in this session: look at it again", pdx.ErrNotFound)
	case r.Sum != money(q.sum):
		return nil, fmt.Errorf("%w: the sum to confirm is %s", pdx.ErrInvalid, q.sum.MED())
	}
	q.once.Do(func() {
		if !time.Now().Before(q.until) {
			q.err = fmt.Errorf("%w: this sum could be confirmed until %s: look at it again", pdx.ErrWrongState, q.until.Format(time.TimeOnly))
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), doneTimeout)
		defer cancel()
		m, err := q.do(ctx)
		if err == nil {
			q.result, err = shown(m)
		}
		q.err = err
	})
	return q.result, q.err
}
