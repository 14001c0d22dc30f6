package types_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// maxCode is beyond every code that the module will ever give out.
const maxCode = 1000

// section returns the text of the specification from a heading to the next one of its
// level or above.
func section(t *testing.T, heading string) string {
	t.Helper()
	raw, err := os.ReadFile("../../../../docs/spec/datapool.md")
	require.NoError(t, err)
	_, text, found := strings.Cut("\n"+string(raw), "\n"+heading+"\n")
	require.True(t, found, "the specification has no heading %q", heading)
	level := strings.Index(heading, " ")
	end := regexp.MustCompile(fmt.Sprintf(`(?m)^#{1,%d} `, level)).FindStringIndex(text)
	if end == nil {
		return text
	}
	return text[:end[0]]
}

// table returns the cells of the rows of a section's tables, without heads and rules.
func table(text string, columns int) [][]string {
	var rows [][]string
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(line, "|\n "), "|")
		if !strings.HasPrefix(line, "|") || len(cells) != columns {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

// registered returns the module's codes.
func registered() map[uint32]bool {
	codes := map[uint32]bool{}
	for code := range uint32(maxCode) {
		if types.Sentinel(code) != nil {
			codes[code] = true
		}
	}
	return codes
}

// TestSpecListsEveryError holds the table of codes against the registered errors:
// code, class and text.
func TestSpecListsEveryError(t *testing.T) {
	classes := map[string]error{
		"invalid": pdx.ErrInvalid, "refused": pdx.ErrRefused, "not found": pdx.ErrNotFound,
		"wrong state": pdx.ErrWrongState, "no funds": pdx.ErrNoFunds, "busy": pdx.ErrUnavailable, "corrupt": pdx.ErrCorrupt,
	}
	missing := registered()
	for _, row := range table(section(t, "## 6. Error codes"), 3) {
		n, err := strconv.ParseUint(row[0], 10, 32)
		if err != nil {
			continue // the head
		}
		code := uint32(n)
		require.True(t, missing[code], "code %d does not exist or stands there twice", code)
		delete(missing, code)
		require.Equal(t, classes[row[1]], types.Sentinel(code), "class of %d", code)
		require.EqualError(t, errors.Unwrap(errorsmod.ABCIError(types.ModuleName, code, "")), row[2], "text of %d", code)
	}
	require.Empty(t, missing, "codes that the specification does not list")
}

// messages returns the types of the module's messages by name.
func messages() map[string]reflect.Type {
	server := reflect.TypeFor[types.MsgServer]()
	all := map[string]reflect.Type{}
	for i := range server.NumMethod() {
		msg := server.Method(i).Type.In(1).Elem()
		all[msg.Name()] = msg
	}
	return all
}

// TestSpecHasAPlaceForEveryError walks the checks of every message: each code
// stands in one at least, and none stands there that does not exist.
func TestSpecHasAPlaceForEveryError(t *testing.T) {
	headings := []string{"### Genesis and blocks"}
	for name := range messages() {
		headings = append(headings, "### "+name)
	}
	known, missing := registered(), registered()
	for _, heading := range headings {
		checks := 0
		for _, row := range table(section(t, heading), 3) {
			n, err := strconv.ParseUint(row[2], 10, 32)
			if err != nil {
				continue // the head, or the border between checks without and with state
			}
			require.True(t, known[uint32(n)], "%s: code %d does not exist", heading, n)
			delete(missing, uint32(n))
			checks++
		}
		require.Positive(t, checks, "%s has no checks", heading)
	}
	require.Empty(t, missing, "codes that no check gives")
}

// TestSpecNamesEveryField looks for each field of each message in its section,
// and for each parameter.
func TestSpecNamesEveryField(t *testing.T) {
	places := map[string]reflect.Type{"## 1. Parameters": reflect.TypeFor[types.Params]()}
	for name, msg := range messages() {
		places["### "+name] = msg
	}
	for heading, of := range places {
		text := section(t, heading)
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			require.True(t, strings.Contains(text, "`"+name+"`"), "%s does not name the field %s", heading, name)
		}
	}
}
