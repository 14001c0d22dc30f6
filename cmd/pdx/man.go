package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/medibloc/pdx/node"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man FOLDER", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			n, err := a.writeMan(cmd.Root(), args[0])
			if err != nil {
				return err
			}
			if a.json {
				return a.line(map[string]any{"folder": args[0], "pages": n})
			}
			a.printer(a.out).say("man.written", "n", n, "folder", args[0])
			return nil
		},
	}
}

// writeMan writes the page of a command and of those below it, and returns how many.
func (a *app) writeMan(cmd *cobra.Command, folder string) (pages int, err error) {
	if cmd.Hidden {
		return 0, nil
	}
	if err := os.WriteFile(filepath.Join(folder, manName(cmd)+".1"), []byte(a.manPage(cmd)), 0o644); err != nil {
		return 0, err
	}
	pages = 1
	for _, sub := range cmd.Commands() {
		n, err := a.writeMan(sub, folder)
		if pages += n; err != nil {
			return pages, err
		}
	}
	return pages, nil
}

// manName is what a command's page is called.
func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manPage is the page of a command as man reads it. It says what the command's help says.
func (a *app) manPage(cmd *cobra.Command) string {
	m := &man{}
	m.request("TH", strings.ToUpper(manName(cmd)), "1", "", "pdx "+node.Version, a.t("man.title"))
	m.request("SH", a.t("man.name"))
	m.text(manName(cmd) + " - " + cmd.Short)
	m.request("SH", a.t("man.synopsis"))
	m.request("B", cmd.UseLine())
	m.request("SH", a.t("man.description"))
	m.paragraphs(cmp.Or(cmd.Long, cmd.Short))
	if len(cmd.Aliases) > 0 {
		m.request("PP")
		m.text(a.t("help.aliases", "aliases", strings.Join(cmd.Aliases, ", ")))
	}
	m.request("SH", a.t("man.options"))
	for _, flags := range []*pflag.FlagSet{cmd.LocalFlags(), cmd.InheritedFlags()} {
		flags.VisitAll(func(flag *pflag.Flag) { a.manFlag(m, flag) })
	}
	if cmd.HasExample() {
		m.request("SH", a.t("man.examples"))
		m.literal(cmd.Example)
	}
	if !cmd.HasParent() {
		m.request("SH", a.t("man.exit"))
		m.literal(strings.TrimSpace(a.exitCodesText()))
	}
	a.manMore(m, cmd)
	return m.String()
}

func (a *app) manFlag(m *man, flag *pflag.Flag) {
	if flag.Hidden {
		return
	}
	name, usage := a.valueName(flag)
	left := "--" + flag.Name
	if flag.Shorthand != "" {
		left = "-" + flag.Shorthand + ", " + left
	}
	if value := a.defaultOf(flag); value != "" && flag.Name != "home" { // whose default is the home of who made the page
		usage += " " + a.t("help.default", "value", value)
	}
	m.request("TP")
	m.request("B", strings.TrimSpace(left+" "+name))
	m.text(usage)
}

// manMore names the pages above and below.
func (a *app) manMore(m *man, cmd *cobra.Command) {
	var pages []string
	if cmd.HasParent() {
		pages = append(pages, manName(cmd.Parent())+"(1)")
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			pages = append(pages, manName(sub)+"(1)")
		}
	}
	if len(pages) > 0 {
		m.request("SH", a.t("man.more"))
		m.text(strings.Join(pages, ", "))
	}
}

// man writes a page in the macros of man(7).
type man struct{ strings.Builder }

// request writes a line that man obeys.
func (m *man) request(name string, arguments ...string) {
	m.WriteString("." + name)
	for _, argument := range arguments {
		m.WriteString(` "` + strings.ReplaceAll(inRoff(argument), `"`, `\(dq`) + `"`)
	}
	m.WriteString("\n")
}

// text writes a text that man fills.
func (m *man) text(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			line = `\&` + line[:1] + inRoff(line[1:])
		} else {
			line = inRoff(line)
		}
		m.WriteString(line + "\n")
	}
}

// literal writes lines that stay as they are.
func (m *man) literal(text string) {
	m.request("PP")
	m.request("nf")
	m.text(text)
	m.request("fi")
}

// paragraphs writes a help text: paragraphs, and lists that are indented.
func (m *man) paragraphs(text string) {
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if strings.HasPrefix(paragraph, " ") || strings.Contains(paragraph, "\n ") {
			m.literal(paragraph)
			continue
		}
		m.request("PP")
		m.text(paragraph)
	}
}

// inRoff escapes what has a meaning in roff, and what it has no name for on old systems.
func inRoff(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\\':
			out.WriteString(`\e`)
		case r == '-':
			out.WriteString(`\-`)
		case r == '…':
			out.WriteString("...")
		case r > '~':
			fmt.Fprintf(&out, `\[u%04X]`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
