package main

import (
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx/node/api/nodepb"
)

// csvFlag adds --csv to a list.
func csvFlag(cmd *cobra.Command) { cmd.Flags().Bool("csv", false, "") }

// wantsCSV reports whether a list is to be written as CSV.
func (a *app) wantsCSV(cmd *cobra.Command) (bool, error) {
	on, _ := cmd.Flags().GetBool("csv")
	if on && a.json {
		return false, a.fail(errUsage, "csv.or_json")
	}
	return on, nil
}

// csvTable is a list for a spreadsheet: RFC 4180, with the same names in every language.
type csvTable struct {
	head []string
	body [][]string
}

func newCSV(columns ...string) *csvTable { return &csvTable{head: columns} }

// add adds a row. A cell of text that a spreadsheet would take for a formula begins with an
// apostrophe.
func (t *csvTable) add(cells ...any) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		switch c := cell.(type) {
		case string:
			if row[i] = clean(c); strings.ContainsAny(first(row[i]), "=+-@\t\r") {
				row[i] = "'" + row[i]
			}
		case *nodepb.Amount:
			row[i] = c.GetAmount()
		case netSum:
			row[i] = string(c)
		case *timestamppb.Timestamp:
			if c != nil && c.AsTime().Unix() > 0 {
				row[i] = c.AsTime().UTC().Format(time.RFC3339)
			}
		default:
			row[i] = clean(fmt.Sprint(c))
		}
	}
	t.body = append(t.body, row)
}

// netSum is a sum that may have a minus sign.
type netSum string

func first(s string) string {
	if s == "" {
		return ""
	}
	return s[:1]
}

// print writes the table to standard output.
func (t *csvTable) print(a *app) error {
	w := csv.NewWriter(a.out)
	w.UseCRLF = false
	if err := w.Write(t.head); err != nil {
		return err
	}
	if err := w.WriteAll(t.body); err != nil {
		return err
	}
	return w.Error()
}

// moneyColumns are the columns of money, in umed, and moneyCells what is in them.
var moneyColumns = []string{
	"fees_umed", "paid_in_umed", "sold_umed", "rewards_umed", "commission_umed", "refunds_umed", "slashed_umed", "net_umed",
}

func moneyCells(m *nodepb.Money) []any {
	return []any{
		m.GetFees(), m.GetPaid(), m.GetPrice(), m.GetRewards(), m.GetCommission(), m.GetRefunds(), m.GetSlashed(), netSum(m.GetNet()),
	}
}
