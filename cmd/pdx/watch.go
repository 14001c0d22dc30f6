package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) watchCommand() *cobra.Command {
	return &cobra.Command{
		Use: "watch", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.json || !isTerminal(a.out) || !isTerminal(a.in) {
				return a.fail(errUsage, "watch.no_terminal")
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			return a.watchScreen(cmd.Context(), client)
		},
	}
}

// watchScreen shows what happens on the whole screen until a key or ctx ends it. The screen is as before
// when it returns.
func (a *app) watchScreen(ctx context.Context, client api.Client) error {
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := openScreen(file(a.in), raw(a.out), cancel)
	if err != nil {
		return err
	}
	defer s.close()
	err = a.changes(watching, client, 0, &watched{
		app: a, client: client, screen: s, sales: map[string]*nodepb.Sale{}, pulls: map[uint64]*nodepb.Pulled{},
	})
	if watching.Err() != nil && ctx.Err() == nil { // a key ended it
		return nil
	}
	return err
}

// screen is a terminal that one program has to itself.
type screen struct {
	out   io.Writer
	tty   *os.File
	saved *term.State
	done  chan struct{} // closed: keys are no longer read
	read  chan struct{} // closed by whoever reads them
}

// keyWait is how long a key is waited for at a time.
const keyWait = 100 * time.Millisecond

// Sequences for terminals: another screen without a cursor, and back; the upper left corner; to the end of the line, and of
// the screen.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
	toCorner    = "\x1b[H"
	clearLine   = "\x1b[K"
	clearBelow  = "\x1b[J"
)

// openScreen takes a terminal. A key that ends programs calls end.
func openScreen(tty *os.File, out io.Writer, end func()) (*screen, error) {
	saved, err := term.MakeRaw(int(tty.Fd()))
	if err != nil {
		return nil, err
	}
	s := &screen{out: out, tty: tty, saved: saved, done: make(chan struct{}), read: make(chan struct{})}
	go s.readKeys(end)
	if _, err := io.WriteString(out, enterScreen); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// readKeys calls end at a key that ends programs.
func (s *screen) readKeys(end func()) {
	defer close(s.read)
	keys := make([]byte, 16)
	for {
		select {
		case <-s.done:
			return
		default:
		}
		if !readable(s.tty, keyWait) {
			continue
		}
		n, err := s.tty.Read(keys)
		if err != nil || bytes.ContainsAny(keys[:n], "qQ\x03\x04") { // Ctrl-C, Ctrl-D
			end()
			return
		}
	}
}

// close gives the terminal back as it was.
func (s *screen) close() {
	close(s.done)
	if runtime.GOOS != "windows" { // where a key would have to be waited for
		<-s.read
	}
	_, _ = io.WriteString(s.out, leaveScreen)
	_ = term.Restore(int(s.tty.Fd()), s.saved)
}

// size returns the columns and lines of the screen, those of a usual terminal if they are not known.
func (s *screen) size() (width, height int) {
	width, height, err := term.GetSize(int(s.tty.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}

// show replaces what the screen shows. Of each line, which may have any text in it, only what can be seen is written.
func (s *screen) show(lines []string) error {
	width, _ := s.size()
	var page strings.Builder
	page.WriteString(toCorner)
	for i, line := range lines {
		if i > 0 {
			page.WriteString("\r\n")
		}
		page.WriteString(cut(clean(line), width) + clearLine)
	}
	page.WriteString(clearBelow)
	_, err := io.WriteString(s.out, page.String())
	return err
}

// watched is what the screen shows: a follower.
type watched struct {
	*app
	client    api.Client
	screen    *screen
	sales     map[string]*nodepb.Sale
	pulls     map[uint64]*nodepb.Pulled
	transfers []*nodepb.Transfer
	status    *nodepb.StatusResponse
}

// change implements follower.
func (w *watched) change(e *nodepb.WatchResponse) (done bool, err error) {
	if s := e.GetSale(); s != nil {
		w.sales[s.Id] = s
	}
	if p := e.GetPulled(); p != nil {
		w.pulls[p.DealId] = p
	}
	return false, w.draw()
}

// tick implements follower.
func (w *watched) tick(ctx context.Context) (done bool, err error) {
	transfers, err := w.client.ListTransfers(ctx, &nodepb.ListTransfersRequest{})
	if err != nil {
		return false, err
	}
	w.transfers = transfers.Transfers
	if w.status, err = w.client.Status(ctx, &nodepb.StatusRequest{}); err != nil {
		return false, err
	}
	return false, w.draw()
}

// frame is text for a part of a screen of some width.
type frame struct {
	bytes.Buffer
	width int
}

// columns says how wide the text may be; see terminalWidth.
func (f *frame) columns() int { return f.width }

func (f *frame) lines() []string { return strings.Split(strings.TrimRight(f.String(), "\n"), "\n") }

// draw shows what is known. Deals and transfers share the screen: each gets half of it, and what the other
// leaves.
func (w *watched) draw() error {
	if w.status == nil {
		return nil // the first tick is under way
	}
	width, height := w.screen.size()
	head, deals, transfers := &frame{width: width}, &frame{width: width}, &frame{width: width}
	w.printer(head).say("watch.head", "account", short(w.status.Account), "chain", w.status.ChainId, "height", w.status.ChainHeight,
		"balance", med(w.status.Balance))
	w.printer(deals).watchedDeals(w.sales, w.pulls)
	w.printer(transfers).transfers(w.transfers)
	space := height - len(head.lines()) - watchFixed
	lower := w.cutLines(transfers.lines(), max(space/2, space-len(deals.lines())))
	upper := w.cutLines(deals.lines(), space-len(lower))
	page := slices.Concat(head.lines(), []string{"", w.t("watch.deals")}, upper, []string{"", w.t("watch.transfers")}, lower)
	for len(page) < height-1 {
		page = append(page, "")
	}
	return w.screen.show(append(page[:height-1], w.t("watch.end")))
}

// watchFixed are the lines besides head, deals and transfers: two headings, a line before each, and the last one.
const watchFixed = 5

// cutLines returns as many lines as there is space for; the last one says how many more there are.
func (w *watched) cutLines(lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	if most <= 0 {
		return nil
	}
	return append(slices.Clone(lines[:most-1]), w.t("watch.more", "n", len(lines)-most+1))
}

// watchedDeals prints sales and purchases, those that are not over first.
func (p printer) watchedDeals(sales map[string]*nodepb.Sale, pulls map[uint64]*nodepb.Pulled) {
	list := p.rows("role", "deal", "pool", "state", "size", "reason")
	newest := func(x, y string) int { return sales[y].Created.AsTime().Compare(sales[x].Created.AsTime()) }
	for _, id := range slices.SortedFunc(maps.Keys(sales), newest) {
		s := sales[id]
		state := p.state(s.State)
		if s.Work > 0 {
			state = fmt.Sprintf("%s %d %%", nameOf(p.texts, "step.", s.Step), 100*min(s.Done, s.Work)/s.Work)
		}
		list.add(p.t("role.seller"), orDash(s.DealId), fmt.Sprint(s.PoolId), state, bytesText(s.Size), p.why(s))
	}
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(pulls))) {
		d := pulls[id]
		state := p.state(d.State)
		if d.State == "pulling" && d.Size > 0 {
			state = fmt.Sprintf("%s %d %%", state, 100*min(d.Held, d.Size)/d.Size)
		}
		list.add(p.t("role.buyer"), fmt.Sprint(d.DealId), fmt.Sprint(d.PoolId), state, bytesText(d.Size), d.Reason)
	}
	p.table(list, "watch.none")
}
