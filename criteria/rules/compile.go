package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/internal/pattern"
)

// scope is what an expression may name.
type scope struct {
	fields  []fields.Pointer // a rule on a record: what the document asks for
	figures map[string]bool  // a rule on the dataset: its aggregates
}

// compiler turns a parsed expression into nodes.
type compiler struct {
	scope
	text      string
	info      *ast.SourceInfo
	nodes     int
	variables []bound
}

// bound is the variable of a macro.
type bound struct {
	name string
	at   *fields.Pointer
}

// compileExpression reads one expression.
func compileExpression(text string, s scope) (node, error) {
	if text == "" || len(text) > MaxExpressionBytes {
		return nil, fmt.Errorf("an expression has 1 to %d bytes", MaxExpressionBytes)
	}
	p, err := parser.NewParser(parser.MaxRecursionDepth(maxNesting), parser.ExpressionSizeCodePointLimit(MaxExpressionBytes),
		parser.ErrorRecoveryLimit(1), parser.ErrorReportingLimit(1), parser.EnablePrattParser(true))
	if err != nil {
		return nil, err
	}
	parsed, errs := p.Parse(common.NewTextSource(text))
	if list := errs.GetErrors(); len(list) > 0 {
		return nil, fmt.Errorf("column %d: %s", list[0].Location.Column()+1, list[0].Message)
	}
	c := &compiler{scope: s, text: text, info: parsed.SourceInfo()}
	n, _, err := c.compile(parsed.Expr())
	return n, err
}

// compile returns the node of an expression, and which part of the record it is: nil where
// that is not known.
func (c *compiler) compile(e ast.Expr) (node, *fields.Pointer, error) {
	if c.nodes++; c.nodes > maxNodes {
		return nil, nil, fmt.Errorf("more than %d operations, names and literals", maxNodes)
	}
	switch e.Kind() {
	case ast.LiteralKind:
		n, err := c.literal(e)
		return n, nil, err
	case ast.IdentKind:
		return c.name(e.AsIdent())
	case ast.SelectKind:
		return c.selection(e.AsSelect().Operand(), e.AsSelect().FieldName(), e.AsSelect().IsTestOnly())
	case ast.CallKind:
		return c.call(e.AsCall())
	case ast.ListKind:
		list, err := c.compileAll(e.AsList().Elements())
		return foldList(list), nil, err
	}
	return nil, nil, errors.New("maps and messages in braces are not part of rules")
}

// foldList makes a list of literals a literal.
func foldList(nodes []node) node {
	values := make([]value, len(nodes))
	for i, n := range nodes {
		known, ok := n.(literal)
		if !ok {
			return listNode{nodes}
		}
		values[i] = known.value
	}
	return literal{listOf(values)}
}

func (c *compiler) compileAll(list []ast.Expr) ([]node, error) {
	nodes := make([]node, len(list))
	for i, e := range list {
		n, _, err := c.compile(e)
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return nodes, nil
}

func (c *compiler) name(name string) (node, *fields.Pointer, error) {
	for depth, v := range slices.Backward(c.variables) {
		if v.name == name {
			return variable{depth}, v.at, nil
		}
	}
	switch {
	case name == "record" && c.figures == nil:
		return recordNode{}, &fields.Pointer{}, nil
	case name == "dataset" && c.figures != nil:
		return nil, nil, errors.New("dataset alone is not a value: write dataset.NAME")
	case c.figures == nil:
		return nil, nil, fmt.Errorf("%q is not known: a rule on a record knows record and the variables of macros", name)
	}
	return nil, nil, fmt.Errorf("%q is not known: a rule on the dataset knows dataset and the variables of macros", name)
}

func (c *compiler) selection(operand ast.Expr, name string, test bool) (node, *fields.Pointer, error) {
	if c.figures != nil && operand.Kind() == ast.IdentKind && operand.AsIdent() == "dataset" && !c.isVariable("dataset") {
		if test || !c.figures[name] {
			known := strings.Join(slices.Sorted(maps.Keys(c.figures)), ", ")
			return nil, nil, fmt.Errorf("dataset has no aggregate %q: it has %s", name, known)
		}
		return figure{name}, nil, nil
	}
	of, at, err := c.compile(operand)
	if err != nil {
		return nil, nil, err
	}
	if at != nil {
		further := append(slices.Clone(*at), name)
		if at = &further; !c.asked(further) {
			return nil, nil, fmt.Errorf("no field discloses %s: ask for it in fields", pathOf(further))
		}
	}
	return selection{of, name, test}, at, nil
}

func (c *compiler) isVariable(name string) bool {
	return slices.ContainsFunc(c.variables, func(v bound) bool { return v.name == name })
}

// asked reports whether a dataset can have something at p.
func (c *compiler) asked(p fields.Pointer) bool {
	return slices.ContainsFunc(c.fields, func(q fields.Pointer) bool { return q.Covers(p) || p.Covers(q) })
}

func pathOf(p fields.Pointer) string { return "record." + strings.Join(p, ".") }

// call compiles operators, functions and macros.
func (c *compiler) call(e ast.CallExpr) (node, *fields.Pointer, error) {
	name, args, got := e.FunctionName(), e.Args(), asFunction
	if e.IsMemberFunction() {
		got, args = asMethod, append([]ast.Expr{e.Target()}, args...)
	}
	switch {
	case name == operators.Index:
		return c.index(args[0], args[1])
	case name == operators.Conditional:
		nodes, err := c.compileAll(args)
		if err != nil {
			return nil, nil, err
		}
		return choice{nodes[0], nodes[1], nodes[2]}, nil, nil
	case name == operators.LogicalAnd || name == operators.LogicalOr:
		nodes, err := c.compileAll(args)
		if err != nil {
			return nil, nil, err
		}
		return junction{nodes[0], nodes[1], name == operators.LogicalOr}, nil, nil
	case name == "has" && got == asFunction:
		if len(args) != 1 || args[0].Kind() != ast.SelectKind {
			return nil, nil, errors.New("has() takes a member, such as has(record.a)")
		}
		return c.selection(args[0].AsSelect().Operand(), args[0].AsSelect().FieldName(), true)
	case name == "matches":
		n, err := c.matches(args)
		return n, nil, err
	case macros[name] != nil && got == asMethod:
		n, err := c.macro(name, args)
		return n, nil, err
	}
	f, known := functions[name]
	if !known || f.form&(got|asOperator) == 0 || f.form == asOperator && got == asMethod || f.args != len(args) {
		return nil, nil, errUnknown(name)
	}
	nodes, err := c.compileAll(args)
	return call{nodes, f.apply}, nil, err
}

// errUnknown names the functions that there are.
func errUnknown(name string) error {
	return fmt.Errorf("%q is not a function of rules, or is called otherwise: there are size(x), x.startsWith(y), x.endsWith(y), "+
		"x.contains(y), x.matches(pattern), timestamp(x), date(x), has(x.y), and the macros all, exists, exists_one, filter and map",
		strings.Trim(name, "_@"))
}

func (c *compiler) index(of, at ast.Expr) (node, *fields.Pointer, error) {
	if at.Kind() == ast.LiteralKind && at.AsLiteral().Type() == types.StringType {
		return c.selection(of, string(at.AsLiteral().(types.String)), false)
	}
	list, where, err := c.compile(of)
	if err != nil {
		return nil, nil, err
	}
	number, _, err := c.compile(at)
	return element{list, number}, where, err
}

func (c *compiler) macro(name string, args []ast.Expr) (node, error) {
	if len(args) != 3 || args[1].Kind() != ast.IdentKind {
		return nil, fmt.Errorf("%[1]s takes a variable and an expression, such as record.list.%[1]s(x, x > 0)", name)
	}
	over, at, err := c.compile(args[0])
	if err != nil {
		return nil, err
	}
	depth := len(c.variables)
	c.variables = append(c.variables, bound{args[1].AsIdent(), at})
	each, _, err := c.compile(args[2])
	c.variables = c.variables[:depth]
	return macro{over, each, depth, macros[name]}, err
}

// matches compiles the pattern, which must be a literal.
func (c *compiler) matches(args []ast.Expr) (node, error) {
	if len(args) != 2 || args[1].Kind() != ast.LiteralKind || args[1].AsLiteral().Type() != types.StringType {
		return nil, errors.New("matches takes a pattern in quotes, such as record.code.matches('^[A-Z]')")
	}
	expr, ops, err := pattern.Compile(string(args[1].AsLiteral().(types.String)))
	switch {
	case err != nil:
		return nil, fmt.Errorf("matches: %w", err)
	case ops > maxPatternOps:
		return nil, errors.New("matches: the pattern is too large: repeat less")
	}
	of, _, err := c.compile(args[0])
	return call{[]node{of}, func(m *machine, args []value) value {
		if args[0].kind != kindText {
			return fault(faultType)
		}
		m.spend(len(args[0].text) * ops / 16)
		return truth(expr.MatchString(args[0].text))
	}}, err
}
