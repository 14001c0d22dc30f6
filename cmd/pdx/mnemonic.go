package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

const (
	// mnemonicColumns is how many numbered words a line has at most: 6 of at most 8 letters fit 80
	// columns.
	mnemonicColumns = 6
	// mnemonicColumn is the width of a numbered word with the gap behind it.
	mnemonicColumn = len("24. abandon_ ")
	// askedWords is how many words are asked for: to guess them takes a mnemonic that was written down.
	askedWords = 3
)

// mnemonic prints numbered words, none of them broken, and returns how many lines that are.
func (p printer) mnemonic(words string) (lines int) {
	columns := mnemonicColumns
	if width := terminalWidth(p.w); width > 0 {
		columns = min(columns, max(1, (width+1)/mnemonicColumn))
	}
	n := 0
	for row := range slices.Chunk(strings.Fields(words), columns) {
		var line strings.Builder
		for _, word := range row {
			n++
			fmt.Fprintf(&line, "%2d. %-8s ", n, word)
		}
		fmt.Fprintln(p.w, strings.TrimRight(line.String(), " "))
		lines++
	}
	return lines
}

// wantsWords reports whether a new account's words are to be shown and asked for: a person is at the
// terminal, and does not recover an account whose words are known.
func (a *app) wantsWords(cmd *cobra.Command) bool {
	skipped, _ := cmd.Flags().GetBool("no-confirm")
	recovered, _ := cmd.Flags().GetString("recover")
	return !skipped && recovered == "" && !a.json && isTerminal(a.in) && isTerminal(a.out)
}

// confirmWords shows the words of a new account until the person at the terminal knows some of them. It
// returns false if the person gives up.
func (a *app) confirmWords(words string) bool {
	p := a.printer(a.out)
	for {
		fmt.Fprintln(a.out)
		p.say("keys.write_down")
		lines := p.mnemonic(words)
		question := a.t("keys.written")
		if _, err := a.answer(question); err != nil {
			return false
		}
		lines += len(fold(question, terminalWidth(a.err)-1, 0))
		_, _ = fmt.Fprintf(raw(a.out), "\x1b[%dA\x1b[J", lines) // the words and the question disappear
		right, err := a.askWords(strings.Fields(words))
		if err != nil {
			return false
		}
		if right {
			return true
		}
		p.say("keys.wrong_word")
	}
}

// askWords asks for some words by their numbers and reports whether all answers are right.
func (a *app) askWords(words []string) (bool, error) {
	asked := rand.Perm(len(words))[:askedWords]
	slices.Sort(asked)
	for _, i := range asked {
		answer, err := a.answer(a.t("keys.which_word", "n", i+1))
		if err != nil {
			return false, err
		}
		if !strings.EqualFold(answer, words[i]) {
			return false, nil
		}
	}
	return true, nil
}
