package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// typist reads a terminal and answers.
type typist struct {
	t      *testing.T
	master *os.File
	seen   string
}

// await reads until a pattern appears after what was awaited before, and returns its groups.
func (y *typist) await(pattern string) []string {
	y.t.Helper()
	wanted, buffer := regexp.MustCompile(pattern), make([]byte, 4096)
	for {
		if at := wanted.FindStringSubmatchIndex(y.seen); at != nil {
			groups := wanted.FindStringSubmatch(y.seen)
			y.seen = y.seen[at[1]:]
			return groups
		}
		n, err := y.master.Read(buffer)
		y.seen += string(buffer[:n])
		require.NoError(y.t, err, "%q does not appear in %q", pattern, y.seen)
	}
}

func (y *typist) enter(line string) {
	y.t.Helper()
	_, err := y.master.WriteString(line + "\n")
	require.NoError(y.t, err)
}

// words reads the mnemonic off the screen.
func (y *typist) words() map[string]string {
	y.t.Helper()
	words := map[string]string{}
	for n := 1; n <= 24; n++ {
		words[strconv.Itoa(n)] = y.await(`(?:^|\s)` + strconv.Itoa(n) + `\. ([a-z]+)\b[ \n]`)[1]
	}
	return words
}

// initAt runs init at a terminal.
func initAt(t *testing.T, home string) (*typist, <-chan int) {
	t.Helper()
	pass := filepath.Join(t.TempDir(), "pass")
	require.NoError(t, os.WriteFile(pass, []byte("correct horse battery\n"), 0o600))
	master, slave := openTerminal(t)
	t.Cleanup(func() { master.Close(); slave.Close() })
	done := make(chan int, 1)
	go func() {
		a := &app{streams: streams{in: slave, out: slave, err: slave}, workFactor: testWorkFactor}
		done <- a.run(t.Context(), []string{"init", "--home", home, "--passphrase-file", pass})
	}()
	return &typist{t: t, master: master}, done
}

// TestWordsAreConfirmedAtInit writes the words down, mistypes one, and then knows them.
func TestWordsAreConfirmedAtInit(t *testing.T) {
	person, done := initAt(t, t.TempDir())
	person.await("Write these words down")
	words := person.words()
	person.await("Press Enter")
	person.enter("")
	person.await(`\x1b\[\d+A\x1b\[J`) // the words are gone from the screen
	person.await(`Word (\d+):`)
	person.enter("wrong")
	person.await("That is not the word")
	require.Equal(t, words, person.words())
	person.await("Press Enter")
	person.enter("")
	for range askedWords {
		person.enter(strings.ToUpper(words[person.await(`Word (\d+):`)[1]]))
	}
	person.await("The words are right")
	require.Zero(t, <-done)
}

// Who gives up has a node all the same, and is told how to see the words again.
func TestWordsNeedNotBeConfirmed(t *testing.T) {
	home := t.TempDir()
	person, done := initAt(t, home)
	person.await("Press Enter")
	_, err := person.master.WriteString("\x04") // Ctrl-D
	require.NoError(t, err)
	person.await(`Write down the mnemonic: pdx --home`)
	require.Zero(t, <-done)
	require.FileExists(t, filepath.Join(home, "config.yaml"))
}
