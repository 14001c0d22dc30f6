package web_test

import (
	"context"
	"encoding/json"
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
	b.run(chromedp.Navigate(s.Link().URL()))
	b.shows("#live", "block 48,211")
	return b
}

func TestPageShowsTheMarket(t *testing.T) {
	b := visit(t, newMarket())
	for selector, texts := range map[string][]string{
		"#node": {"1,234.56789 MED", "9.8 MED to withdraw", "48,211", "seller, buyer", "it knows nobody"},
		"#pools": {
			"Blood pressure of adults", "10 MED", "37 of 100 delivered, 4 in progress", "in 29 days", "0.000001 MED", "yours",
			"Lab values", "filled",
		},
		"#deals":   {"Deal 1", "Deal 6", "you sell", "you buy", "Lapsed", "Undelivered", "block 48,000"},
		"#sales":   {"patients-2026.ndjson", "rejected: criteria", "Seoul Data Check", "2 findings", "its queue is full", "record 1,204"},
		"#pulls":   {"from Somebody's old pool", "20.0 MiB of 50.0 MiB, 40 %", "/home/kim/bought/1.ndjson", "200 records"},
		"#network": {"open-validator", "commission 1.25 %", "8.8 MED of it staked, 1,491.2 MED left", "tcp+noise", "18.3 ms", "relayed"},
	} {
		for _, text := range texts {
			t.Log(selector, text)
			b.until(`document.querySelector(` + quote(selector) + `).innerText.toLowerCase().includes(` + quote(text) + `.toLowerCase())`)
		}
	}
	for pool, texts := range map[string][]string{
		"#pool-1": {"1 MED", "share no record"}, "#pool-2": {"at most 1.5 %"}, "#pool-3": {"allowed"},
	} {
		for _, text := range texts {
			t.Log(pool, text)
			b.until(`document.querySelector(` + quote(pool+" dl") + `).textContent.includes(` + quote(text) + `)`)
		}
	}
	b.until(`document.querySelector('#sales-count').innerText === '2+'`)
	b.until(`document.querySelector('#pulls-count').innerText === '2'`)
	require.False(t, eval[bool](b, `document.querySelector('#pools').innerText.includes('old pool')`), "a stranger's closed pool is of no use")
	b.quiet()
}

func TestPageDrawsTheWayOfEachDeal(t *testing.T) {
	b := visit(t, newMarket())
	way := func(deal string) string {
		return eval[string](b,
			`[...document.querySelectorAll('#deal-`+deal+` .way > li')]`+
				`.map(li => li.dataset.mark + (li.querySelector('.exit')?.dataset.mark === 'taken' ? '!' : '')).join(' ')`)
	}
	b.shows("#deals", "Deal 1")
	require.Equal(t, "done done done done done", way("1"))
	require.Equal(t, "done! never never never never", way("2"))
	require.Equal(t, "done done done! never never", way("3"))
	require.Equal(t, "done done done now todo", way("4"))
	require.Equal(t, "now todo todo todo todo", way("6"))
	b.run(chromedp.SetValue("#deals-which", "live"),
		chromedp.Evaluate(`document.querySelector('#deals-which').dispatchEvent(new Event('change'))`, nil))
	require.Equal(t, "deal-6 deal-5 deal-4", eval[string](b, `[...document.querySelectorAll('#deals article')].map(a => a.id).join(' ')`))
}

func TestPageReadsLongListsToTheEnd(t *testing.T) {
	m := newMarket()
	for id := uint64(7); id <= 60; id++ {
		m.deals = append(m.deals, newDeal(id, []string{"offered", "lapsed"}, time.Now()))
	}
	b := visit(t, m)
	b.until(`document.querySelector('#deals-count').textContent === '60'`) // more pages of four than one poll reads
	shown := `document.querySelectorAll('#deals article').length`
	require.Equal(t, 20, eval[int](b, shown))
	require.Equal(t, "deal-60", eval[string](b, `document.querySelector('#deals article').id`), "newest first")
	b.run(chromedp.Click("#deals .more"), chromedp.Click("#deals .more"))
	b.until(shown + ` === 60`)
	require.True(t, eval[bool](b, `document.querySelector('#deals .more').hidden`))
	b.quiet()
}

func TestPageKeepsStrangersTextsInert(t *testing.T) {
	b := visit(t, newMarket())
	b.run(chromedp.Evaluate(`document.querySelectorAll('details').forEach(d => d.open = true)`, nil))
	b.shows("#pool-1", "Blutdruck, Erwachsene ♥")
	b.shows("#pool-3", `<img src=x onerror=`)
	b.shows("#pool-1", `<b>strata</b>`)
	b.shows("#sales", `<script>document.title`)
	require.Equal(t, "pdx", eval[string](b, `document.title`))
	require.Zero(t, eval[int](b, `document.querySelectorAll('main img, main script, main b b, .fields b').length`))
	require.False(t, eval[bool](b, `document.body.innerText.includes('\u202e')`), "nothing turns a line around")
	b.shows("#pool-1", "used for research on hypertension")
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
		chromedp.Navigate(s.Link().URL()))
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
	b.run(chromedp.Navigate(s.Link().Base()))
	b.shows("#notice", "Run pdx web on this machine")
	require.Zero(t, m.called())
	b.picture("no-token")

	b.run(chromedp.Navigate(s.Link().Base() + "#token=wrong"))
	b.shows("#notice", "is not the node's")
	require.Zero(t, m.called())

	b.run(chromedp.Navigate(s.Link().URL())) // the same page, by its fragment
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
	b.run(chromedp.Navigate(s.Link().URL()))
	b.shows("#live", "block 48,211")
	m.change(func() { m.down = true })
	b.shows("#pools .trouble", "Possibly outdated")
	b.shows("#pools", "Blood pressure")
	m.change(func() { m.down = false })
	b.until(`document.querySelector('#pools .trouble').hidden`)
	require.NoError(t, s.Stop(t.Context()))
	b.shows("#notice", "does not answer")
	b.until(`getComputedStyle(document.querySelector('.health li'), '::before').content === '"?"'`) // no green sign stays
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
	b.shows("#sales", "9.8 MED for you of 10 MED, less the chain's fees")
	b.shows("#sales", "10 MED, less the validators' commission and the chain's fees")
	b.shows("#sales", "agreed to term 1 of the pool")
	b.shows("#sales", "agreed to terms 1, 2 of the pool")
	b.shows("#deal-3", "the seller did not deliver the key in time")
	require.True(t, eval[bool](b, `[...document.querySelectorAll('.way time:not([data-kind])')].every(
		e => / (UTC|GMT[+-]?[0-9:]*|[A-Z]{3,5})$/.test(e.textContent))`))
	b.quiet()
}

func TestPageWithoutScriptsSaysSo(t *testing.T) {
	s, b := start(t, newMarket()), open(t)
	b.run(emulation.SetScriptExecutionDisabled(true), chromedp.Navigate(s.Link().URL()))
	var text string
	b.run(chromedp.Text("noscript p", &text, chromedp.ByQuery))
	require.Contains(t, text, "needs JavaScript")
}

// TestPageFits looks at the page as on a desktop and a phone, by day and night.
func TestPageFits(t *testing.T) {
	b := visit(t, newMarket())
	b.shows("#network", "open-validator")
	for _, view := range []struct {
		name   string
		width  int64
		mobile bool
		scheme string
	}{
		{"desktop", 1280, false, "light"},
		{"desktop-dark", 1280, false, "dark"},
		{"phone", 390, true, "light"},
		{"phone-dark", 390, true, "dark"},
		{"small", 320, true, "light"},
	} {
		var options []chromedp.EmulateViewportOption
		if view.mobile {
			options = append(options, chromedp.EmulateMobile, chromedp.EmulateScale(2))
		}
		b.run(chromedp.EmulateViewport(view.width, 844, options...),
			emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: view.scheme}}))
		require.LessOrEqual(t, eval[int64](b, `document.documentElement.scrollWidth`), view.width, "%s: the page is wider than the window",
			view.name)
		b.picture(view.name)
	}
	b.run(chromedp.Evaluate(`document.querySelectorAll('details').forEach(d => d.open = true)`, nil))
	b.shows("#pool-1", "Blutdruck")
	require.LessOrEqual(t, eval[int64](b, `document.documentElement.scrollWidth`), int64(320), "unfolded")
	b.picture("small-unfolded")
	b.run(chromedp.EmulateViewport(1280, 844))
	require.LessOrEqual(t, eval[int64](b, `document.documentElement.scrollWidth`), int64(1280), "unfolded")
	require.NotContains(t, eval[string](b, `document.body.innerText`), "[object")
	require.NotContains(t, eval[string](b, `document.body.innerText`), "undefined")
	b.picture("unfolded")
	b.quiet()
}

func TestKeyboardReachesEverything(t *testing.T) {
	b := visit(t, newMarket())
	require.Zero(t, eval[int](b, `[...document.querySelectorAll('[tabindex]')].filter(e => e.tabIndex > 0).length`))
	require.Zero(t, eval[int](b,
		`[...document.querySelectorAll('main *')].filter(e => e.onclick || (e.tabIndex < 0 && e.matches('a, button, select, summary'))).length`))
	b.run(chromedp.KeyEvent("\t"))
	require.Equal(t, "Skip to the market", eval[string](b, `document.activeElement.innerText`))
	b.run(chromedp.KeyEvent("\r"))
	b.until(`document.activeElement.id === 'main'`)
	b.run(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"))
	require.True(t, eval[bool](b, `document.querySelector('#node details').open`))
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
	b.run(chromedp.Navigate(s.Link().Base()))
	b.shows("#notice", messagetest.Accent("Run pdx web on this machine"))
	b.run(chromedp.Navigate(s.Link().URL()))
	b.shows("#live", "48,211")
	b.shows("#network", "open-validator")
	b.run(chromedp.Evaluate(`document.querySelectorAll('details').forEach(d => d.open = true)`, nil))
	b.shows("#pool-1", "Blutdruck")
	const notOurs = "code.id, code.whole, code.field, .fields code, td code, bdi, time, script, noscript, [translate=no]"
	bypassed := eval[[]string](b, `(() => {
		const found = [], plain = /[A-Za-z]{2,}/g;
		const units = ['MED', 'KiB', 'MiB', 'GiB', 'ms', 'seller', 'buyer'];
		const look = (where, text) => { for (const word of text.match(plain) ?? []) if (!units.includes(word)) found.push(where + ': ' + text); };
		const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (walk.nextNode()) {
			const el = walk.currentNode.parentElement;
			if (!el.closest('`+notOurs+`')) look(el.tagName + '.' + el.className, walk.currentNode.data);
		}
		for (const el of document.querySelectorAll('[aria-label], [title]')) {
			if (el.closest('code, time')) continue;
			look('label', el.getAttribute('aria-label') ?? ''); look('title', el.title);
		}
		look('document', document.title);
		return found;
	})()`)
	require.Empty(t, bypassed, "these texts do not come from the catalogue")
	require.False(t, eval[bool](b, `/\{[a-z_]+\}/.test(document.body.innerText)`), "an argument is missing")
	b.picture("pseudo")
	b.quiet()
}
