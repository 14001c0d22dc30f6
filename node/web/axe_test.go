package web_test

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// axeCore finds axe-core, which judges how accessible a page is: where PDX_AXE says, or where
// Debian's package has it.
func axeCore(t *testing.T) string {
	t.Helper()
	for _, path := range []string{os.Getenv("PDX_AXE"), "/usr/share/nodejs/axe-core/axe.min.js"} {
		if raw, err := os.ReadFile(path); err == nil {
			return string(raw)
		}
	}
	t.Skip("axe-core is not installed: set PDX_AXE to its axe.min.js")
	return ""
}

// axeRun is what axe-core has against the page as it is now.
const axeRun = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((r) =>
	r.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' ') + ' ' + n.html.slice(0, 120) + ' ' +
		(n.any[0]?.message ?? '').slice(0, 120))))`

// awaited waits for a promise.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// TestAxe wants every view to be clean, by day and night, on a desktop, a tablet and a phone.
func TestAxe(t *testing.T) {
	axe := axeCore(t)
	b := visit(t, newMarket())
	b.run(chromedp.Evaluate(axe+";true", nil))
	for _, view := range views {
		b.goTo(view.at, view.shows)
		for _, width := range []int64{1280, 768, 360} {
			for _, scheme := range []string{"light", "dark"} {
				b.resize(width, width < 1000, scheme)
				var found []string
				b.run(chromedp.Evaluate(axeRun, &found, awaited))
				require.Empty(t, found, "%s at %d, %s:\n%s", view.at, width, scheme, strings.Join(found, "\n"))
			}
		}
	}
	b.goTo("bought", "Deal 4")
	b.quiet()
}
