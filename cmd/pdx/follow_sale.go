package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/medibloc/pdx/node/api/nodepb"
)

// saleFollower shows a sale's steps until it ends.
type saleFollower struct {
	app  *app
	id   string
	said map[string]string // by what it is about: the sale itself "", or a validator
	step *gauge            // the one under way
}

func (a *app) newSaleFollower(id string) *saleFollower {
	return &saleFollower{app: a, id: id, said: map[string]string{}, step: a.newGauge()}
}

func (*saleFollower) tick(context.Context) (bool, error) { return false, nil }

func (f *saleFollower) change(e *nodepb.WatchResponse) (bool, error) {
	s := e.GetSale()
	if s == nil || s.Id != f.id {
		return false, nil
	}
	if news := f.news(s); len(news) > 0 {
		f.step.hide()
		if err := f.app.step(s, strings.Join(news, "\n")); err != nil {
			return true, err
		}
	}
	f.step.set(s.Step, s.Done, s.Work)
	return endOf(s.State, s.Reason)
}

// hide clears the bar's line, for other text.
func (f *saleFollower) hide() { f.step.hide() }

// news are the lines that were not shown yet.
func (f *saleFollower) news(s *nodepb.Sale) (lines []string) {
	say := func(about, text string) {
		if f.said[about] != text {
			f.said[about] = text
			lines = append(lines, text)
		}
	}
	say("", saleText(s))
	for _, c := range s.Checks {
		say(c.Validator, checkText(c))
	}
	return lines
}

func saleText(s *nodepb.Sale) string {
	text := s.State
	if s.DealId > 0 {
		text = fmt.Sprintf("deal %d %s", s.DealId, s.State)
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}

func checkText(c *nodepb.Check) string {
	text := fmt.Sprintf("  validator %s %s", short(c.Validator), c.Stage)
	if c.Message != "" {
		text += ": " + c.Message
	}
	for _, finding := range c.Findings {
		text += "\n    " + findingText(finding)
	}
	return text
}
