package message

import (
	"fmt"
	"strings"
	"time"
)

// Duration returns a duration in its two largest units, such as "1 hour 30 minutes"; what
// is below a second is left out. A negative duration is returned without its sign.
func (c *Catalog) Duration(d time.Duration) string {
	d = d.Abs()
	var parts []string
	for _, unit := range []struct {
		size time.Duration
		text func(n int64) string
	}{
		{24 * time.Hour, func(n int64) string { return c.Text("duration.days", "n", n) }},
		{time.Hour, func(n int64) string { return c.Text("duration.hours", "n", n) }},
		{time.Minute, func(n int64) string { return c.Text("duration.minutes", "n", n) }},
		{time.Second, func(n int64) string { return c.Text("duration.seconds", "n", n) }},
	} {
		if n := d / unit.size; n > 0 && len(parts) < 2 {
			parts = append(parts, unit.text(int64(n)))
			d -= n * unit.size
		}
	}
	if len(parts) == 0 {
		return c.Text("duration.seconds", "n", 0)
	}
	return strings.Join(parts, " ")
}

// Time returns a local time with its zone, as people read it.
func Time(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }

// Errors, health and reasons that a daemon composes are English in every language. What
// follows is for them.

// Duration is Catalog.Duration in English.
func Duration(d time.Duration) string { return For(english).Duration(d) }

// Count returns a number with an English noun, given in the singular: "1 record", "2 records".
// The plural is the regular one ("duty" becomes "duties").
func Count[N ~int | ~int32 | ~int64 | ~uint | ~uint32 | ~uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %s", n, plurals(noun))
}

// plurals returns the regular plural of an English noun.
func plurals(noun string) string {
	switch stem, ends := strings.CutSuffix(noun, "y"); {
	case ends && !strings.ContainsAny(stem[max(0, len(stem)-1):], "aeiou"):
		return stem + "ies"
	case strings.HasSuffix(noun, "s"), strings.HasSuffix(noun, "x"), strings.HasSuffix(noun, "ch"):
		return noun + "es"
	}
	return noun + "s"
}
