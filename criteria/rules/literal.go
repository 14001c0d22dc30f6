package rules

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// decimals is how the parser's floating-point literals are written.
var decimals = regexp.MustCompile(`^[0-9]*\.?[0-9]*(?:[eE][+-]?([0-9]+))?`)

var errLiteral = errors.New("a number literal has digits, a point and an exponent of at most three digits, without a comment in it")

// literal is a constant. A floating-point number is the decimal that is written, not the
// binary number that the parser makes of it.
func (c *compiler) literal(e ast.Expr) (node, error) {
	switch v := e.AsLiteral().(type) {
	case types.Null:
		return literal{value{kind: kindNull}}, nil
	case types.Bool:
		return literal{truth(bool(v))}, nil
	case types.String:
		return literal{textOf(string(v))}, nil
	case types.Int:
		return literal{numberOf(parseNumber(strconv.FormatInt(int64(v), 10)))}, nil
	case types.Double:
		n, err := c.decimal(e.ID(), float64(v))
		return literal{numberOf(n)}, err
	}
	return nil, errors.New("literals are null, true, false, numbers without a u, and texts")
}

// decimal reads the text of a floating-point literal.
func (c *compiler) decimal(id int64, approx float64) (number, error) {
	at, ok := c.info.GetOffsetRange(id)
	runes := []rune(c.text)
	if !ok || int(at.Start) >= len(runes) {
		return number{}, errLiteral
	}
	rest, minus := strings.CutPrefix(string(runes[at.Start:]), "-")
	found := decimals.FindStringSubmatch(strings.TrimLeft(rest, " \t\n\f\r"))
	if len(found[1]) > 3 {
		return number{}, errLiteral
	}
	text := found[0]
	if strings.HasPrefix(text, ".") {
		text = "0" + text
	}
	if value, err := strconv.ParseFloat(text, 64); err != nil || value != max(approx, -approx) {
		return number{}, errLiteral
	}
	if minus {
		text = "-" + text
	}
	return parseNumber(text), nil
}
