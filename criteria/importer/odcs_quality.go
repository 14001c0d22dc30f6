package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/medibloc/pdx/criteria/rules"
)

// power is 2^n + add.
func power(n int, add int64) string {
	p := new(big.Int).Lsh(big.NewInt(1), uint(n))
	return p.Add(p, big.NewInt(add)).String()
}

func bounds(least, most string) map[string]any {
	return map[string]any{"minimum": json.Number(least), "maximum": json.Number(most)}
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// contractKeys makes unique columns and the primary key keys.
func (t *table) contractKeys(path string, columns []map[string]any) {
	type part struct {
		name     string
		position json.Number
	}
	var primary []part
	for i, column := range columns {
		name := textIn(column, "name")
		if isTrue(column, "primaryKey") {
			position, _ := column["primaryKeyPosition"].(json.Number)
			primary = append(primary, part{name, position})
		}
		if isTrue(column, "unique") {
			t.unique(fmt.Sprintf("%s/properties/%d/unique", path, i), []string{name})
		}
	}
	slices.SortStableFunc(primary, func(a, b part) int {
		x, _ := a.position.Int64()
		y, _ := b.position.Int64()
		return int(x - y)
	})
	var names []string
	for _, p := range primary {
		names = append(names, p.name)
	}
	if len(names) > 0 {
		t.unique(path+"/properties/primaryKey", names)
	}
}

// checkText are members of a check that say nothing of the records.
var checkText = []string{
	"id", "name", "type", "metric", "description", "dimension", "severity", "businessImpact", "tags", "customProperties",
	"authoritativeDefinitions", "scheduler", "schedule", "unit", "arguments",
}

// operators are how a metric is compared.
var operators = map[string]string{
	"mustBe": "==", "mustNotBe": "!=", "mustBeGreaterThan": ">", "mustBeGreaterOrEqualTo": ">=", "mustBeLessThan": "<",
	"mustBeLessOrEqualTo": "<=", "mustBeBetween": "", "mustNotBeBetween": "",
}

// check reads what all checks have: whether it is a metric of the library, and what it is
// compared with. condition puts the metric into the comparison.
func (t *table) check(path string, check map[string]any) (condition func(metric string) string, ok bool) {
	if t.drops(path) {
		return nil, false
	}
	if kind := textIn(check, "type"); kind != "" && kind != "library" || check["metric"] == nil {
		t.refuse(path, fmt.Sprintf("a check of the type %q is no rule of criteria; write a rule in CEL", firstText(check, "type", "rule")))
		return nil, false
	}
	if severity := textIn(check, "severity"); severity != "" && severity != "error" {
		t.refuse(path, fmt.Sprintf("criteria have no severity %q: what breaks them is rejected", severity))
		return nil, false
	}
	t.only(path, check, append(sortedKeys(operators), checkText...)...)
	var found []string
	for _, name := range sortedKeys(operators) {
		if check[name] != nil {
			found = append(found, name)
		}
	}
	if len(found) != 1 {
		t.refuse(path, "a check has one comparison, such as mustBe")
		return nil, false
	}
	operator := found[0]
	switch value := check[operator].(type) {
	case json.Number:
		if operators[operator] != "" {
			return func(metric string) string { return fmt.Sprintf("%s %s %s", metric, operators[operator], value) }, true
		}
	case []any:
		if condition := between(operator, value); condition != nil {
			return condition, true
		}
	}
	t.refuse(join(path, operator), "compare with a number, or with two for between")
	return nil, false
}

func between(operator string, value []any) func(metric string) string {
	if len(value) != 2 || operators[operator] != "" {
		return nil
	}
	least, isNumber := value[0].(json.Number)
	most, both := value[1].(json.Number)
	if !isNumber || !both {
		return nil
	}
	not := map[bool]string{true: "!", false: ""}[operator == "mustNotBeBetween"]
	return func(metric string) string {
		return fmt.Sprintf("%s(%s >= %s && %s <= %s)", not, metric, least, metric, most)
	}
}

// inUnit turns a share of the records into what a check counts.
func (t *table) inUnit(path, share string, check map[string]any) (string, bool) {
	switch textIn(check, "unit") {
	case "", "rows":
		return share + " * dataset.records", true
	case "percent":
		return share + " * 100", true
	}
	t.refuse(join(path, "unit"), "the unit is rows or percent")
	return "", false
}

// columnCheck carries a check of a column.
func (t *table) columnCheck(path, column string, check map[string]any) {
	condition, ok := t.check(path, check)
	if !ok || t.column(column) == nil {
		return
	}
	metric := textIn(check, "metric")
	arguments := object(check, "arguments")
	share := ""
	switch metric {
	case "nullValues":
		t.only(join(path, "arguments"), arguments)
		share = t.aggregate(rules.MeasureNulls, column, nil)
	case "missingValues":
		t.only(join(path, "arguments"), arguments, "missingValues")
		share = t.sharesOf(join(path, "arguments/missingValues"), column, arguments["missingValues"])
	case "invalidValues":
		t.only(join(path, "arguments"), arguments, "validValues", "pattern")
		share = t.invalid(path, column, check, arguments)
	case "duplicateValues":
		t.only(join(path, "arguments"), arguments)
		t.noDuplicates(path, column, check)
	default:
		t.refuse(join(path, "metric"), fmt.Sprintf("the metric %q of a column has no counterpart", metric))
	}
	if share == "" {
		return
	}
	if counted, ok := t.inUnit(path, share, check); ok {
		t.rule("quality", textIn(check, "description"), func(r *rules.Rule) { r.Dataset = condition(counted) })
	}
}

// sharesOf is the share of records whose value is one of a list, as an expression; empty
// if the list is refused.
func (t *table) sharesOf(path, column string, value any) string {
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		t.refuse(path, "write a list of values")
		return ""
	}
	var sum []string
	for _, v := range list {
		switch {
		case v == nil:
			sum = append(sum, t.aggregate(rules.MeasureNulls, column, nil))
		case isScalar(v):
			sum = append(sum, t.aggregate(rules.MeasureShare, column, v))
		default:
			t.refuse(path, "write a list of texts, numbers and booleans")
			return ""
		}
	}
	slices.Sort(sum)
	return "(" + strings.Join(slices.Compact(sum), " + ") + ")"
}

// invalid is the share of records whose value is not valid.
func (t *table) invalid(path, column string, check, arguments map[string]any) string {
	pattern, hasPattern := arguments["pattern"].(string)
	valid, hasList := arguments["validValues"].([]any)
	switch {
	case hasPattern == hasList:
		t.refuse(join(path, "arguments"), "name validValues or a pattern")
	case hasPattern && check["mustBe"] != json.Number("0"):
		t.refuse(path, "how many values match a pattern is not measured; only mustBe: 0 has a counterpart")
	case hasPattern:
		c := t.column(column)
		c.Schema = map[string]any{"allOf": []any{c.Schema, map[string]any{"pattern": pattern}}}
	case !t.column(column).Required && !slices.Contains(valid, nil):
		t.refuse(join(path, "arguments/validValues"), "the column can be null: make it required, or list null as valid")
	default:
		if shares := t.sharesOf(join(path, "arguments/validValues"), column, arguments["validValues"]); shares != "" {
			return "(1 - " + shares + ")"
		}
	}
	return ""
}

// noDuplicates carries the check that there is no duplicate. How many there are can be
// counted in two ways, and the standard does not say in which.
func (t *table) noDuplicates(path, column string, check map[string]any) {
	if check["mustBe"] != json.Number("0") {
		t.refuse(path, "what counts as a duplicate is not defined; only mustBe: 0 has a counterpart")
		return
	}
	count, distinct := t.aggregate(rules.MeasureCount, column, nil), t.aggregate(rules.MeasureDistinct, column, nil)
	t.rule("quality", textIn(check, "description"), func(r *rules.Rule) { r.Dataset = count + " == " + distinct })
}

// tableCheck carries a check of a table.
func (t *table) tableCheck(path string, check map[string]any) {
	condition, ok := t.check(path, check)
	if !ok {
		return
	}
	arguments := object(check, "arguments")
	switch metric := textIn(check, "metric"); metric {
	case "rowCount":
		t.only(join(path, "arguments"), arguments)
		if unit := textIn(check, "unit"); unit != "" && unit != "rows" {
			t.refuse(join(path, "unit"), "rows are counted in rows")
			return
		}
		t.rule("quality", textIn(check, "description"), func(r *rules.Rule) { r.Dataset = condition("dataset.records") })
	case "duplicateValues":
		t.only(join(path, "arguments"), arguments, "properties")
		names, ok := texts(arguments["properties"])
		if !ok || check["mustBe"] != json.Number("0") {
			t.refuse(path, "name the properties; only mustBe: 0 has a counterpart")
			return
		}
		t.unique(path, names)
	default:
		t.refuse(join(path, "metric"), fmt.Sprintf("the metric %q of a table has no counterpart", metric))
	}
}
