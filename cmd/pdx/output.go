package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/dustin/go-humanize"
	"golang.org/x/term"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/internal/text"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// maxShown bounds a foreign text, in bytes: as the catalogue bounds its arguments.
const maxShown = message.MaxArgument

// clean is foreign text on one line, for a place outside a text of the catalogue.
func clean(s string) string { return text.Escape(s, maxShown) }

// show prints an answer: as JSON, or by print.
func (a *app) show(answer proto.Message, print func(printer)) error {
	return a.showWith(answer, nil, print)
}

// showWith is show with members of its own beside those of the answer.
func (a *app) showWith(answer proto.Message, more map[string]any, print func(printer)) error {
	if !a.json {
		print(a.printer(a.out))
		return nil
	}
	raw, err := api.MarshalJSON(answer)
	if err != nil {
		return err
	}
	if len(more) == 0 {
		return a.line(json.RawMessage(raw))
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &members); err != nil {
		return err
	}
	for name, value := range more {
		if members[name], err = json.Marshal(value); err != nil {
			return err
		}
	}
	return a.line(members)
}

// line prints one line of JSON, in which what could hide text on a terminal is
// written as \u escapes.
func (a *app) line(value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, string(text.EscapeJSON(raw)))
	return err
}

// facts prints a two-column list of labels, which the catalogue has, and values. A
// fact without a value is left out.
func (p printer) facts(pairs ...string) {
	var lines [][2]string
	var alarms []int
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			if pairs[i] == unwell {
				alarms = append(alarms, len(lines))
			}
			lines = append(lines, [2]string{p.t("label." + pairs[i]), clean(pairs[i+1])})
		}
	}
	printLabelled(p.w, "", lines, alarms...)
}

// unwell is the label of a part of the node that is not well.
const unwell = "unwell"

// fact is one line of facts: a label, and a value or nothing.
func fact(label, value string) []string { return []string{label, value} }

// med is an amount for people.
func med(m *nodepb.Amount) string {
	amount, err := api.ToAmount(m)
	if err != nil {
		return m.Amount + " " + m.Denom // of a daemon with other denominations
	}
	return amount.MED()
}

// nothing reports whether an amount is 0 or unset.
func nothing(m *nodepb.Amount) bool {
	amount, err := api.ToAmount(m)
	return err == nil && amount == 0
}

// short is an address or a CID that fits a column.
func short(s string) string {
	runes := []rune(clean(s))
	if len(runes) <= 20 {
		return string(runes)
	}
	return string(runes[:12]) + "…" + string(runes[len(runes)-6:])
}

func bytesText(n uint64) string { return humanize.IBytes(n) }

// rateText is a rate as lines are sold.
func rateText(bytesPerSecond float64) string {
	if bytesPerSecond <= 0 {
		return "-"
	}
	return humanize.SIWithDigits(8*bytesPerSecond, 1, "bit/s")
}

// when is a local time with its zone.
func when(t time.Time) string {
	if t.IsZero() || t.Unix() <= 0 {
		return "-"
	}
	return message.Time(t)
}

// day is a local date, for a column.
func day(t time.Time) string {
	if t.IsZero() || t.Unix() <= 0 {
		return "-"
	}
	return t.Local().Format(time.DateOnly)
}

// isTerminal reports whether a person is at the other end.
func isTerminal(stream any) bool {
	f := file(stream)
	return f != nil && term.IsTerminal(int(f.Fd()))
}
