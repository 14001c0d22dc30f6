package fieldlies_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/fieldlies"
)

type inner struct {
	Name string
	On   bool
}

type state string

type outer struct {
	ID    uint64
	Root  [4]byte
	Items []inner
	None  []int
	At    time.Time
	State state
	More  *inner
	Less  *inner
}

// Each lie differs from the truth in the field that it names, and the truth stays as it is.
func TestAbout(t *testing.T) {
	make := func() outer {
		return outer{ID: 7, Root: [4]byte{1}, Items: []inner{{"a", true}, {"b", false}}, At: time.Unix(0, 0), State: "x", More: &inner{Name: "m"}}
	}
	truth := make()
	var fields []string
	for _, lie := range fieldlies.About(truth, state("x"), state("y"), state("z")) {
		require.NotEqual(t, truth, lie.Value, lie.Field)
		fields = append(fields, lie.Field)
		differ := 0
		a, b := reflect.ValueOf(truth), reflect.ValueOf(lie.Value)
		for i := range a.NumField() {
			if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
				differ++
			}
		}
		require.Equal(t, 1, differ, lie.Field)
	}
	require.Equal(t, make(), truth)
	require.Equal(t, []string{
		"ID", "Root[0]", "Items[0].Name", "Items[0].On", "Items dropped", "None added", "At", "At before", "State=y", "State=z",
		"More dropped", "More.Name", "More.On", "Less added",
	}, fields)
	require.PanicsWithValue(t, "fieldlies: M is a map[int]int: say what it may be instead", func() {
		fieldlies.About(struct{ M map[int]int }{})
	})
}
