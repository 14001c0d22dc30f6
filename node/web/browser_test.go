package web_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// patience is how long a browser may take on a busy machine.
const patience = 60 * time.Second

// browser is one window of a real browser, and what it complained about.
type browser struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // a window is one, for chromedp

	mu         sync.Mutex
	complaints []string
}

func findBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no browser is installed: looked for chromium, chromium-browser and google-chrome")
	return ""
}

// chromium is the browser of most tests, started by the first that needs it.
var chromium struct {
	once sync.Once
	process
}

// process is a running browser.
type process struct {
	ctx context.Context //nolint:containedctx // a window is one, for chromedp
	end func()
	err error
}

// launch starts a browser with a profile of its own, which goes with it.
func launch(path string) process {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.WindowSize(1280, 900), chromedp.WSURLReadTimeout(patience))
	for _, name := range []string{
		"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync",
		"disable-dev-shm-usage",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator)
	return process{ctx: ctx, err: chromedp.Run(ctx), end: func() {
		_ = chromedp.Cancel(ctx) // waits for the process; it may have ended by itself
		end()
		endAllocator()
	}}
}

// closeBrowser ends it after the last test.
func closeBrowser() {
	if chromium.end != nil {
		chromium.end()
	}
}

// open is a new tab: its session storage, and the origin of each server, are its own.
func open(t *testing.T) *browser {
	t.Helper()
	path := findBrowser(t)
	chromium.once.Do(func() { chromium.process = launch(path) })
	return chromium.tab(t)
}

// openAlone is the first tab of a browser of its own.
func openAlone(t *testing.T) *browser {
	t.Helper()
	p := launch(findBrowser(t))
	t.Cleanup(p.end)
	return p.tab(t)
}

func (p process) tab(t *testing.T) *browser {
	t.Helper()
	require.NoError(t, p.err)
	ctx, cancel := chromedp.NewContext(p.ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 4*patience)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, b.hear)
	b.run(log.Enable(), runtime.Enable())
	return b
}

// hear notes exceptions, and what breaks the Content-Security-Policy.
func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError && e.Entry.Source != log.SourceNetwork {
			b.complaints = append(b.complaints, e.Entry.Text)
		}
	}
}

func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Empty(b.t, b.complaints)
}

func (b *browser) run(actions ...chromedp.Action) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Run(b.ctx, actions...))
}

// eval is the value of an expression in the page.
func eval[T any](b *browser, expression string) (value T) {
	b.t.Helper()
	b.run(chromedp.Evaluate(expression, &value))
	return value
}

// until waits for an expression to become true in the page.
func (b *browser) until(expression string) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, chromedp.Poll(expression, nil, chromedp.WithPollingTimeout(patience))); err != nil {
		var text string
		_ = chromedp.Run(b.ctx, chromedp.Evaluate("document.body.innerText", &text))
		b.quiet()
		require.NoError(b.t, err, "%s never became true; the page says:\n%s", expression, text)
	}
}

// shows waits for a text inside what a selector finds.
func (b *browser) shows(selector, text string) {
	b.t.Helper()
	b.until(`document.querySelector(` + quote(selector) + `)?.innerText.includes(` + quote(text) + `)`)
}

// byText finds an element of a kind by its text, or by how that begins.
func byText(kind, text string) string {
	return `((all) => all.find(e => e.innerText.trim() === ` + quote(
		text,
	) + `) ?? all.find(e => e.innerText.trim().startsWith(` + quote(
		text,
	) +
		`)))([...document.querySelectorAll(` + quote(
		kind,
	) + `)].filter(e => e.getClientRects().length))`
}

// press presses a button once it can be pressed.
func (b *browser) press(text string) {
	b.t.Helper()
	b.until(byText("button, a.button", text) + `?.matches(':not(:disabled):not([aria-busy=true])')`)
	b.run(chromedp.Evaluate(byText("button, a.button", text)+`.click()`, nil))
}

// tick presses a box or a radio by its label.
func (b *browser) tick(label string) {
	b.t.Helper()
	b.until(byText("label", label) + ` !== undefined`)
	b.run(chromedp.Evaluate(byText("label", label)+`.control.click()`, nil))
}

// fill writes into the field with a label.
func (b *browser) fill(label, value string) {
	b.t.Helper()
	b.until(byText("label", label) + ` !== undefined`)
	b.run(chromedp.Evaluate(`(() => { const e = `+byText("label", label)+`.control; e.value = `+quote(value)+
		`; e.dispatchEvent(new Event('input', { bubbles: true })); return true })()`, nil))
}

// choose takes a value of a list.
func (b *browser) choose(selector, value string) {
	b.t.Helper()
	b.run(chromedp.Evaluate(`(() => { const e = document.querySelector(`+quote(selector)+`); e.value = `+quote(value)+
		`; e.dispatchEvent(new Event('change', { bubbles: true })); return true })()`, nil))
}

// picture keeps a screenshot for people, where PDX_SCREENSHOTS says.
func (b *browser) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("PDX_SCREENSHOTS")
	if dir == "" {
		return
	}
	var png []byte
	b.run(chromedp.FullScreenshot(&png, 100))
	require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
}
