package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// Report is what happened.
type Report struct {
	Folder     string          `json:"folder"`
	Seconds    float64         `json:"seconds"`
	Deals      []uint64        `json:"deals"`
	Timeline   []Event         `json:"timeline"`
	Rejections []string        `json:"rejections"`
	Before     []procs.Holding `json:"before"`
	After      []procs.Holding `json:"after"`
	Datasets   []Comparison    `json:"datasets"`
}

// Event is one step of a deal.
type Event struct {
	Deal   uint64    `json:"deal"`
	Seller string    `json:"seller"`
	State  string    `json:"state"`
	Height int64     `json:"height"`
	Time   time.Time `json:"time"` // UTC
}

// Comparison is what a seller disclosed beside what the buyer decrypted.
type Comparison struct {
	Deal      uint64 `json:"deal"`
	Seller    string `json:"seller"`
	Disclosed string `json:"disclosed"` // path
	Bought    string `json:"bought"`    // path
	Bytes     int    `json:"bytes"`
	Records   uint64 `json:"records"`
	Equal     bool   `json:"equal"`
}

// conclude compares bytes and counts money.
func (d *demo) conclude(ctx context.Context) error {
	for _, m := range d.seller {
		sales, err := m.Client().ListSales(ctx, &nodepb.ListSalesRequest{})
		if err != nil {
			return err
		}
		last := sales.Sales[len(sales.Sales)-1]
		d.report.Deals = append(d.report.Deals, last.DealId)
		if err := d.compare(ctx, m.Name, last); err != nil {
			return err
		}
	}
	for _, id := range d.report.Deals {
		deal, err := d.deal(ctx, id)
		if err != nil {
			return err
		}
		for _, h := range deal.History {
			d.report.Timeline = append(d.report.Timeline, Event{
				Deal: id, Seller: d.name(deal.Seller), State: h.State, Height: h.Height, Time: h.Time.AsTime(),
			})
		}
	}
	money, err := d.fleet.Money(ctx)
	if err != nil {
		return err
	}
	d.report.After = money.Holdings
	return d.check(d.report)
}

func (d *demo) compare(ctx context.Context, seller string, sale *nodepb.Sale) error {
	pulls, err := d.buyer.Client().ListPulls(ctx, &nodepb.ListPullsRequest{PoolId: d.pool})
	if err != nil {
		return err
	}
	for _, p := range pulls.Pulls {
		if p.DealId != sale.DealId {
			continue
		}
		disclosed, err1 := os.ReadFile(sale.Disclosed)
		bought, err2 := os.ReadFile(p.Path)
		d.report.Datasets = append(d.report.Datasets, Comparison{
			Deal: p.DealId, Seller: seller, Disclosed: sale.Disclosed, Bought: p.Path,
			Bytes: len(bought), Records: p.Records, Equal: bytes.Equal(disclosed, bought),
		})
		return errors.Join(err1, err2)
	}
	return d.fail(pdx.ErrNotFound, "demo.error.not_pulled", "deal", sale.DealId)
}

// check fails a demo that did not show what it promises.
func (d *demo) check(r Report) error {
	for _, c := range r.Datasets {
		if !c.Equal || c.Bytes == 0 {
			return d.fail(pdx.ErrCorrupt, "demo.error.differs", "file", c.Bought, "seller", c.Seller)
		}
	}
	if before, after := sum(r.Before), sum(r.After); before != after {
		return d.fail(pdx.ErrCorrupt, "demo.error.money", "before", before, "after", after)
	}
	return nil
}

func sum(holdings []procs.Holding) pdx.Amount { return procs.Money{Holdings: holdings}.Sum() }

func (r Report) print(w io.Writer, texts *message.Catalog) {
	fmt.Fprintf(w, "\n%s\n", texts.Text("demo.report.deals"))
	for i, e := range r.Timeline {
		if i > 0 && r.Timeline[i-1].Deal != e.Deal {
			fmt.Fprintln(w)
		}
		line := texts.Text("demo.report.step", "deal", e.Deal, "seller", fmt.Sprintf("%-9s", e.Seller), "height", fmt.Sprintf("%-5d", e.Height),
			"time", e.Time.Local().Format("15:04:05.0 MST"), "state", texts.Text("state."+e.State))
		fmt.Fprintf(w, "  %s\n", line)
	}
	fmt.Fprintf(w, "\n%s\n", texts.Text("demo.report.money"))
	row := func(name, before, after, change string) {
		fmt.Fprintf(w, "  %-30s %14s %14s %14s\n", name, before, after, change)
	}
	line := func(name string, before, after pdx.Amount) {
		row(name, fixed(int64(before)), fixed(int64(after)), fixed(int64(after)-int64(before)))
	}
	row("", texts.Text("demo.report.before"), texts.Text("demo.report.after"), texts.Text("demo.report.change"))
	for i, b := range r.Before {
		line(b.Name, b.Amount, r.After[i].Amount)
	}
	fees := r.After[len(r.After)-1].Amount - r.Before[len(r.Before)-1].Amount
	fmt.Fprintf(w, "  %s\n", strings.Repeat("-", 75))
	line(texts.Text("demo.report.sum"), sum(r.Before), sum(r.After))
	fmt.Fprintf(w, "  %s\n", texts.Text("demo.report.bonds", "bond", bond.MED()))
	fmt.Fprintf(w, "  %s\n", texts.Text("demo.report.fees", "fees", fees.MED()))
	fmt.Fprintf(w, "\n%s\n", texts.Text("demo.report.records"))
	for _, c := range r.Datasets {
		records := texts.Text("count.records", "n", c.Records)
		fmt.Fprintf(w, "  %s\n    %s\n", c.Bought, texts.Text("demo.report.equal", "deal", c.Deal, "records", records, "bytes", c.Bytes, "seller",
			c.Seller))
	}
}

// fixed is umed as MED with all six digits.
func fixed(umed int64) string {
	sign := ""
	if umed < 0 {
		sign, umed = "-", -umed
	}
	return fmt.Sprintf("%s%d.%06d", sign, umed/1_000_000, umed%1_000_000)
}
