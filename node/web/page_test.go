package web_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx/internal/message/messagetest"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/web"
)

func quote(text string) string {
	raw, _ := json.Marshal(text) // a string always is one
	return string(raw)
}

// visit opens the page with its token and waits until it is there.
func visit(t *testing.T, m *market) *browser {
	t.Helper()
	s, b := start(t, m), open(t)
	b.run(chromedp.Navigate(linkTo(s).URL()))
	b.shows("#live", "block 48,211")
	return b
}

// views are all views by their addresses, and what each shows when it is there.
var views = []struct{ at, shows string }{
	{"market", "Blood pressure"},
	{"pool/1", "Blutdruck"},
	{"sell", "Choose a pool"},
	{"sell/1", "Drop files here"},
	{"buy", "Seoul Data Check"},
	{"deals", "Deal 5"},
	{"deal/3", "Undelivered"},
	{"bought", "Deal 4"},
	{"earnings", "9.8 MED"},
	{"validator", "open-validator"},
	{"transfers", "Upload"},
	{"node", "tcp+noise"},
}

// goTo shows a view, and waits until it says something.
func (b *browser) goTo(at, text string) {
	b.t.Helper()
	b.run(chromedp.Evaluate(`location.hash = '#/`+at+`'; true`, nil))
	b.until(`document.querySelector('#view .view.` + strings.Split(at, "/")[0] + `')?.innerText.toLowerCase().includes(` +
		quote(strings.ToLower(text)) + `)`)
}

func TestViewsShowTheMarket(t *testing.T) {
	b := visit(t, newMarket())
	for _, view := range []struct {
		at    string
		texts []string
	}{
		{"market", []string{
			"Blood pressure of adults", "10 MED", "37 of 100 delivered, 4 in progress", "in 29 days",
			"0.000001 MED", "yours", "Lab values", "filled",
		}},
		{"pool/1", []string{
			"Blutdruck, Erwachsene ♥", "birthDate (optional): text, matches ^<b>", "age groups", "Research only", "share no record",
			"latest 3 deals", "1 paid", "Seoul Data Check", "commission 1 %", "1 of 1 verdict accepted",
		}},
		{"pool/2", []string{"at most 1.5 %", "Pull all datasets", "Close the pool"}},
		{"pool/3", []string{"Sell into this pool", "allowed"}},
		{"deals", []string{
			"Deal 1", "Deal 5", "you sell", "Undelivered", "block 48,000", "patients-2026.ndjson", "rejected: criteria", "2 findings",
			"its queue is full", "record 1,204", "the buyer pulls",
		}},
		{"bought", []string{
			"from Somebody's old pool", "20.0 MiB of 50.0 MiB, 40 %", "/home/kim/bought/1.ndjson", "200 records", "Show the first records",
		}},
		{"earnings", []string{"9.8 MED", "To withdraw", "Sold"}},
		{"validator", []string{"open-validator", "commission 1.25 %", "8.8 MED of it staked, 1,491.2 MED left", "Deal 6"}},
		{"transfers", []string{"Pull", "done", "Upload", "a second", "direct"}},
		{"node", []string{
			"1,234.56789 MED", "9.8 MED to withdraw", "48,211", "seller, buyer", "it knows nobody", "tcp+noise", "18.3 ms", "relayed", "It may sell",
		}},
	} {
		b.goTo(view.at, view.texts[0])
		for _, text := range view.texts {
			t.Log(view.at, text)
			b.until(`document.querySelector('#view').textContent.toLowerCase().includes(` + quote(text) + `.toLowerCase())`)
		}
		require.Contains(t, eval[string](b, `document.title`), " · pdx")
		require.Equal(t, 1, eval[int](b, `document.querySelectorAll('nav a[aria-current=page]').length`), view.at)
	}
	b.goTo("market", "Blood pressure")
	require.False(t, eval[bool](b, `document.querySelector('#view').innerText.includes('old pool')`), "a stranger's closed pool is of no use")
	b.quiet()
}

func TestViewsHaveAddresses(t *testing.T) {
	b := visit(t, newMarket())
	b.goTo("deals", "Deal 5")
	require.Equal(t, "view-title", eval[string](b, `document.activeElement.id`), "a screen reader hears of the new view")
	b.goTo("node", "tcp+noise")
	b.run(chromedp.NavigateBack())
	b.until(`document.querySelector('#view .view.deals') !== null`)
	b.run(chromedp.Reload())
	b.shows("#deals", "Deal 5")
	b.run(chromedp.Evaluate(`location.hash = '#/nowhere/x'; true`, nil))
	b.until(`document.querySelector('#view .view.market') !== null`)
	b.quiet()
}

func TestMarketIsSearched(t *testing.T) {
	b := visit(t, newMarket())
	b.shows("#view", "4 pools")
	cards := `[...document.querySelectorAll('.cards article')].map(a => a.id).join(' ')`
	b.fill("Search", "synthetic")
	b.until(cards + ` === 'pool-2'`)
	b.fill("Search", "")
	b.fill("Price of at least, in MED", "5")
	b.until(cards + ` === 'pool-1'`)
	b.fill("Search", "nothing like it")
	b.shows("#view", "No pools match")
	b.quiet()
}

func TestPageDrawsTheWayOfEachDeal(t *testing.T) {
	b := visit(t, newMarket())
	b.goTo("deals", "Deal 5")
	b.choose("#deals-role", "all")
	b.shows("#deals", "Deal 6")
	way := func(deal string) string {
		return eval[string](b,
			`[...document.querySelectorAll('#deal-`+deal+` .way > li')]`+
				`.map(li => li.dataset.mark + (li.querySelector('.exit')?.dataset.mark === 'taken' ? '!' : '')).join(' ')`)
	}
	require.Equal(t, "done done done done done", way("1"))
	require.Equal(t, "done! never never never never", way("2"))
	require.Equal(t, "done done done! never never", way("3"))
	require.Equal(t, "done done done now todo", way("4"))
	require.Equal(t, "now todo todo todo todo", way("6"))
	b.choose("#deals-which", "live")
	require.Equal(t, "deal-6 deal-5 deal-4", eval[string](b, `[...document.querySelectorAll('#deals article')].map(a => a.id).join(' ')`))
	b.quiet()
}

// TestTenThousandDealsAreReadInPages wants no more to be read than is shown.
func TestTenThousandDealsAreReadInPages(t *testing.T) {
	m := newMarket()
	for id := uint64(7); id <= 10_000; id++ {
		m.deals = append(m.deals, newDeal(id, []string{"offered", "lapsed"}, time.Now()))
	}
	b := visit(t, m)
	b.goTo("deals", "Deal 9999")
	shown := `document.querySelectorAll('#deals article').length`
	require.Equal(t, 25, eval[int](b, shown))
	require.Equal(t, "deal-9999", eval[string](b, `document.querySelector('#deals article').id`), "newest first")
	b.run(chromedp.Evaluate(`document.querySelector('#deals .more').click()`, nil))
	b.until(shown + ` === 50`)
	b.goTo("earnings", "To withdraw")
	b.quiet()
}

func TestPageKeepsStrangersTextsInert(t *testing.T) {
	m := newMarket()
	m.deals[0].Root, m.sales[0].DataName, m.pulls[0].Reason = hostile, hostile, hostile
	m.findings = []*nodepb.Finding{{Record: 7, Path: hostile, Rule: hostile}}
	m.data = []*nodepb.Data{{Id: "d1", Name: hostile, MediaType: "application/x-ndjson", Records: 3, Fields: []string{hostile}}}
	m.deals[0].Agreements = []*nodepb.Agreement{{Agreed: true, Term: &nodepb.Term{Title: hostile, Description: hostile}}}
	m.pools[0].Terms[0].Title, m.pools[0].Terms[0].Description = hostile, hostile
	b := visit(t, m)
	type view = struct{ at, shows string }
	for _, view := range append(views, view{"pool/3", "<img src=x"}, view{"deal/1", "<img src=x"}) {
		b.goTo(view.at, view.shows)
		if view.at == "sell/1" {
			b.until(`document.querySelector('#data-d1') !== null`)
			b.run(chromedp.Evaluate(`document.querySelector('#data-d1').click()`, nil))
			b.shows("#view", "7 records break")
		}
		b.run(chromedp.Evaluate(`document.querySelectorAll('details').forEach(d => d.open = true)`, nil))
		require.Contains(t, eval[string](b, `document.title`), " · pdx")
		require.Zero(t, eval[int](b, `document.querySelectorAll('main img, main script, main b b, .fields b').length`), view.at)
		require.False(t, eval[bool](b, `document.body.textContent.includes('\u202e')`), "nothing turns a line around in "+view.at)
	}
	b.quiet()
}

func TestBrowserRefusesMarkupFromText(t *testing.T) {
	b := visit(t, newMarket())
	require.True(t, eval[bool](b,
		`(() => { try { document.querySelector('main').innerHTML = '<p>x</p>'; return false } catch (e) { return e instanceof TypeError } })()`))
	require.False(t, eval[bool](b,
		`(() => { const s = document.createElement('style'); s.textContent = 'body{display:none}'; document.head.append(s); `+
			`return getComputedStyle(document.body).display === 'none' })()`))
}

func TestPageIsLive(t *testing.T) {
	m := newMarket()
	b := visit(t, m)
	b.goTo("deals", "Deal 5")
	b.choose("#deals-role", "all")
	b.shows("#deals", "Deal 6")
	b.run(chromedp.Evaluate(`document.querySelector('#deal-6 summary').click(); document.querySelector('#deal-6 summary').focus(); `+
		`window.stays = document.querySelector('#deal-5'); true`, nil))
	m.change(func() {
		m.deals[5].State = "certified"
		m.deals[5].History = append(m.deals[5].History, &nodepb.Step{State: "certified", Height: 48_220})
		m.status.ChainHeight = 48_220
	})
	b.shows("#live", "block 48,220")
	b.shows("#deal-6 .way", "block 48,220")
	require.True(t, eval[bool](b, `document.querySelector('#deal-6 details').open`), "what was unfolded stays so")
	require.True(t, eval[bool](b, `document.activeElement === document.querySelector('#deal-6 summary')`), "focus stays")
	require.True(t, eval[bool](b, `window.stays === document.querySelector('#deal-5')`), "what did not change is left alone")
	b.quiet()
}

func TestPageRestsWhileHidden(t *testing.T) {
	s, b := start(t, newMarket()), open(t)
	b.run(before(`
		window.asked = 0; window.hide = false; window.due = null;
		const ask = window.fetch; window.fetch = (...a) => { window.asked++; return ask(...a) };
		const later = window.setTimeout;
		window.setTimeout = (f, ms, ...a) => { if (ms !== 2000) return later(f, ms, ...a); window.due = f; return 0 };
		Object.defineProperty(document, 'hidden', { get: () => window.hide });`),
		chromedp.Navigate(linkTo(s).URL()))
	b.until(`window.due !== null`)
	require.Equal(t, "0", eval[string](b,
		`(() => { const before = window.asked; window.hide = true; window.due(); return String(window.asked - before) })()`))
	require.True(t, eval[bool](b,
		`(() => { const before = window.asked; window.hide = false; document.dispatchEvent(new Event('visibilitychange')); `+
			`return window.asked > before })()`))
}

func TestPageWithoutTokenSaysWhatToDo(t *testing.T) {
	m := newMarket()
	s, b := start(t, m), open(t)
	b.run(chromedp.Navigate(linkTo(s).Base()))
	b.shows("#notice", "Run pdx start or pdx web on this machine")
	require.Zero(t, m.called())
	b.picture("no-token")

	b.run(chromedp.Navigate(linkTo(s).Base() + "#token=wrong"))
	b.shows("#notice", "is not the node's")
	require.Zero(t, m.called())

	b.run(chromedp.Navigate(linkTo(s).URL())) // the same page, by its fragment
	b.shows("#live", "block 48,211")
	require.False(t, eval[bool](b, `location.href.includes('token')`), "the address bar keeps no secret")
	require.Empty(t, eval[string](b, `document.cookie`))
	b.run(chromedp.Reload())
	b.shows("#live", "block 48,211")
	b.quiet()
}

func TestPageSaysWhenTheNodeIsAway(t *testing.T) {
	m := newMarket()
	s, b := start(t, m), open(t)
	b.run(chromedp.Navigate(linkTo(s).URL()))
	b.shows("#live", "block 48,211")
	b.shows("#view", "Blood pressure")
	m.change(func() { m.down = true })
	b.shows("#trouble", "Possibly outdated")
	b.shows("#view", "Blood pressure")
	m.change(func() { m.down = false })
	b.until(`document.querySelector('#trouble').hidden`)
	b.goTo("node", "tcp+noise")
	require.NoError(t, s.Stop(t.Context()))
	b.shows("#notice", "does not answer")
	b.until(`getComputedStyle(document.querySelector('.health li'), '::before').content === '"?"'`) // no green sign stays
	b.until(`document.querySelector('#live').dataset.mark === 'bad'`)
	b.quiet()
}

// TestPageSaysWhatASaleBrings wants the share once it is known, the terms agreed to, what a
// state means and times with their zone.
func TestPageSaysWhatASaleBrings(t *testing.T) {
	m := newMarket()
	m.sales[1].Price, m.sales[1].Agreed, m.sales[1].Created = api.FromAmount(10_000_000), []uint32{1, 2}, timestamppb.Now()
	m.sales = append(m.sales, &nodepb.Sale{
		Id: "s3", PoolId: 2, DealId: 1, DataId: "d1", State: "final", Price: api.FromAmount(10_000_000), Agreed: []uint32{1},
	})
	b := visit(t, m)
	b.goTo("deals", "Deal 3")
	b.shows("#sales", "9.8 MED for you of 10 MED, less the chain's fees")
	b.shows("#sales", "10 MED, less the validators' commission and the chain's fees")
	b.shows("#sales", "agreed to term 1 of the pool")
	b.shows("#sales", "agreed to terms 1, 2 of the pool")
	b.shows("#deal-3", "seller did not deliver the key in time")
	require.True(t, eval[bool](b, `[...document.querySelectorAll('.way time:not([data-kind])')].every(
		e => / (UTC|GMT[+-]?[0-9:]*|[A-Z]{3,5})$/.test(e.textContent))`))
	b.quiet()
}

func TestPageWithoutScriptsSaysSo(t *testing.T) {
	s, b := start(t, newMarket()), open(t)
	b.run(emulation.SetScriptExecutionDisabled(true), chromedp.Navigate(linkTo(s).URL()))
	var text string
	b.run(chromedp.Text("noscript p", &text, chromedp.ByQuery))
	require.Contains(t, text, "needs JavaScript")
}

// TestSessionsOfAPage wants an ended session and one without a scope to be said.
func TestSessionsOfAPage(t *testing.T) {
	s, b := start(t, newMarket()), open(t)
	b.run(chromedp.Navigate(s.Owner().Link(web.Read, time.Hour).URL()))
	b.shows("#live", "block 48,211")
	b.goTo("sell", "pdx web --allow sell")
	b.goTo("buy", "pdx web --allow buy")
	b.run(chromedp.Navigate(s.Owner().Link(web.Sell, -time.Second).URL()))
	b.shows("#notice", "This session has ended")
	second := open(t) // has no token of its own
	second.run(chromedp.Navigate(s.Owner().Base()))
	second.shows("#notice", "needs its token")
	b.quiet()
}

// TestAPageSells chooses a pool, data, fields and terms, and confirms the sum.
func TestAPageSells(t *testing.T) {
	m := newMarket()
	b := visit(t, m)
	b.goTo("sell/1", "Drop files here")
	dir := t.TempDir()
	for name, content := range map[string]string{"patients.ndjson": "{}\n", "film.mp4": "x"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	b.run(chromedp.SetUploadFiles("#files", []string{filepath.Join(dir, "film.mp4")}))
	b.shows("#view", "no known extension")
	m.change(func() { m.findings = []*nodepb.Finding{{Record: 7, Path: "/x", Rule: "schema/type"}} })
	b.run(chromedp.SetUploadFiles("#files", []string{filepath.Join(dir, "patients.ndjson")}))
	b.shows("#view", "7 records break the criteria")
	b.shows("#view", "1970-05-02")
	b.picture("sell-broken")
	require.True(t, eval[bool](b, `[...document.querySelectorAll('button')].find(e => e.innerText === 'Look at the offer').disabled`))
	b.tick("Leave 7 records out")
	b.shows("#view", "1 required term is not agreed to")
	b.tick("/gender")
	b.tick("Research only")
	b.press("Look at the offer")
	b.shows("dialog", "1.1 MED")
	b.picture("sell-confirm")
	b.press("Agree and offer")
	b.until(`document.querySelector('#view .view.deals') !== null`)
	require.Equal(t, []string{"/birthDate", "/gender"}, m.last().sold.Fields)
	require.Equal(t, []uint32{1}, m.last().sold.Agreed)
	require.Equal(t, uint64(7), m.last().sold.Skipped)
	b.quiet()
}

// TestAPageBuys makes criteria of a sample, and opens a pool.
func TestAPageBuys(t *testing.T) {
	m := newMarket()
	b := visit(t, m)
	b.goTo("buy", "Seoul Data Check")
	b.tick("Take them from a sample file")
	path := filepath.Join(t.TempDir(), "rates.ndjson")
	require.NoError(t, os.WriteFile(path, []byte(`{"rate":61.5}`+"\n"), 0o600))
	b.run(chromedp.SetUploadFiles("#sample-file", []string{path}))
	b.shows("#view", "1 field was found")
	b.fill("Title", "Heart rates")
	b.press("Make the criteria")
	b.shows("#view", "Say what each field is needed for.")
	b.fill("What you need it for", "means by age")
	b.press("Make the criteria")
	b.shows("#view", "rate (required): a number")
	b.fill("Price of one dataset, in MED", "2.5")
	b.fill("Number of datasets", "3")
	b.tick("Seoul Data Check")
	b.press("Add a term")
	b.picture("buy-filled")
	b.press("Look at the sum")
	b.shows("dialog", "7.75 MED")
	b.run(chromedp.KeyEvent("\x1b")) // Escape
	b.until(`document.querySelector('dialog') === null`)
	require.Zero(t, m.last().opened)
	b.press("Look at the sum")
	b.shows("dialog", "7.75 MED")
	b.picture("buy-confirm")
	b.press("Move into escrow")
	b.shows("#view", "Pool 9 is open")
	require.Equal(t, 1, m.last().opened)
	require.Equal(t, "2500000", m.last().request.Price.Amount)
	require.Equal(t, []string{validatorAt(1)}, m.last().request.Validators)
	b.quiet()
}

// TestPageFits looks at each view as on a desktop and a phone, by day and night.
func TestPageFits(t *testing.T) {
	b := visit(t, newMarket())
	for _, view := range views {
		b.goTo(view.at, view.shows)
		for _, size := range []struct {
			name   string
			width  int64
			mobile bool
			scheme string
		}{
			{"desktop", 1280, false, "light"},
			{"desktop-dark", 1280, false, "dark"},
			{"tablet", 768, true, "light"},
			{"phone", 360, true, "light"},
			{"phone-dark", 360, true, "dark"},
			{"small", 320, true, "light"},
		} {
			b.resize(size.width, size.mobile, size.scheme)
			require.LessOrEqual(
				t,
				eval[int64](b, `document.documentElement.scrollWidth`),
				size.width,
				"%s: %s is wider than the window",
				size.name,
				view.at,
			)
			b.picture(strings.ReplaceAll(view.at, "/", "-") + "-" + size.name)
		}
		b.run(chromedp.Evaluate(`document.querySelectorAll('details').forEach(d => d.open = true)`, nil))
		require.LessOrEqual(t, eval[int64](b, `document.documentElement.scrollWidth`), int64(320), "unfolded: %s", view.at)
		text := eval[string](b, `document.body.innerText`)
		for _, wrong := range []string{"[object", "undefined", "NaN"} {
			require.NotContains(t, text, wrong, view.at)
		}
	}
	b.quiet()
}

// resize makes the window that wide, by day or night.
func (b *browser) resize(width int64, mobile bool, scheme string) {
	b.t.Helper()
	var options []chromedp.EmulateViewportOption
	if mobile {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateScale(2))
	}
	b.run(chromedp.EmulateViewport(width, 844, options...),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
}

func TestKeyboardReachesEverything(t *testing.T) {
	b := visit(t, newMarket())
	for _, view := range views {
		b.goTo(view.at, view.shows)
		require.Zero(t, eval[int](b, `[...document.querySelectorAll('[tabindex]')].filter(e => e.tabIndex > 0).length`))
		require.Zero(t, eval[int](
			b,
			`[...document.querySelectorAll('main *')].filter(e => 
				e.onclick || (e.tabIndex < 0 && e.matches('a, button, select, summary, input, textarea'))).length`,
		))
		require.Zero(
			t,
			eval[int](b, `[...document.querySelectorAll('main input, main select, main textarea')].filter(e => !e.labels?.length).length`),
			view.at,
		)
	}
	b.run(chromedp.Evaluate(`document.activeElement.blur(); true`, nil), chromedp.Reload())
	b.shows("#live", "block 48,211")
	b.run(chromedp.KeyEvent("\t"))
	require.Equal(t, "Skip to the content", eval[string](b, `document.activeElement.innerText`))
	b.run(chromedp.KeyEvent("\r"))
	b.until(`document.activeElement.id === 'main'`)
	b.quiet()
}

// before runs a script in front of the page's own.
func before(script string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	})
}

// TestPageIsInTheCatalogue shows the page in a language in which each letter has an
// accent. A plain letter comes from elsewhere: only what the software or a stranger
// names may have it.
func TestPageIsInTheCatalogue(t *testing.T) {
	s, err := web.New(web.Config{Address: "127.0.0.1:0", Home: t.TempDir(), API: newMarket()})
	require.NoError(t, err)
	require.NoError(t, s.Speak(messagetest.Pseudo(t)))
	require.NoError(t, s.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, s.Stop(t.Context())) })
	b := open(t)
	b.run(chromedp.Navigate(linkTo(s).Base()))
	b.shows("#notice", messagetest.Accent("Run pdx start or pdx web on this machine"))
	b.run(chromedp.Navigate(linkTo(s).URL()))
	b.shows("#live", "48,211")
	const notOurs = "code.id, code.whole, code.field, .fields code, td code, bdi, time, script, noscript, [translate=no]"
	for _, view := range views {
		b.run(chromedp.Evaluate(`location.hash = '#/`+view.at+`'; true`, nil))
		b.until(`document.querySelector('#view .view.` + strings.Split(view.at, "/")[0] + `')?.innerText.length > 20`)
		b.until(`!document.querySelector('#view').innerText.includes(` + quote(messagetest.Accent("Asking for")) + `)`)
		b.run(chromedp.Evaluate(`document.querySelectorAll('details').forEach(d => d.open = true)`, nil))
		bypassed := eval[[]string](b, `(() => {
			const found = [], plain = /[A-Za-z]{2,}/g;
			const units = ['MED', 'KiB', 'MiB', 'GiB', 'ms', 'seller', 'buyer'];
			const look = (where, text) => { for (const word of text.match(plain) ?? [])
				if (!units.includes(word)) found.push(where + ': ' + text); };
			const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
			while (walk.nextNode()) {
				const el = walk.currentNode.parentElement;
				if (!el.closest('`+notOurs+`')) look(el.tagName + '.' + el.className, walk.currentNode.data);
			}
			for (const el of document.querySelectorAll('[aria-label], [title]')) {
				if (el.closest('code, time, [translate=no]')) continue;
				look('label', el.getAttribute('aria-label') ?? ''); look('title', el.title);
			}
			look('document', document.title);
			return found;
		})()`)
		require.Empty(t, bypassed, "these texts of %s do not come from the catalogue", view.at)
		require.False(t, eval[bool](b, `/\{[a-z_]+\}/.test(document.body.innerText)`), "an argument is missing")
	}
	b.quiet()
}
