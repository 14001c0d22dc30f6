package types

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// EventOf returns what sdk.TypedEventToEvent returns for an event of this module, in a tenth
// of the time: that writes JSON and reads it again, which took a fifth of the time of a
// message. Fields are text, numbers, enums, bools and lists of text.
func EventOf(event proto.Message) (sdk.Event, error) {
	v := reflect.ValueOf(event).Elem()
	fields, err := attributesOf(v.Type())
	if err != nil {
		return sdk.Event{}, err
	}
	written := make([]sdk.Attribute, len(fields))
	for i, f := range fields {
		text, err := f.text(v.Field(f.index))
		if err != nil {
			return sdk.Event{}, fmt.Errorf("event field %s: %w", f.name, err)
		}
		written[i] = sdk.NewAttribute(f.name, text)
	}
	return sdk.NewEvent(proto.MessageName(event), written...), nil
}

// attribute is a field of an event and how it is written.
type attribute struct {
	index int
	name  string
	text  func(reflect.Value) (string, error)
}

// attributes are those of each type of event, in the order of their names.
var attributes sync.Map // reflect.Type → []attribute

func attributesOf(event reflect.Type) ([]attribute, error) {
	if known, ok := attributes.Load(event); ok {
		return known.([]attribute), nil
	}
	var list []attribute
	for i := range event.NumField() {
		field := event.Field(i)
		name := protoName(field.Tag.Get("protobuf"))
		if name == "" {
			continue
		}
		text := writer(field)
		if text == nil {
			return nil, fmt.Errorf("event field %s has a type that no attribute is written of: %s", name, field.Type)
		}
		list = append(list, attribute{index: i, name: name, text: text})
	}
	slices.SortFunc(list, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	attributes.Store(event, list)
	return list, nil
}

// protoName returns the name of a field in its .proto file.
func protoName(tag string) string {
	for part := range strings.SplitSeq(tag, ",") {
		if name, ok := strings.CutPrefix(part, "name="); ok {
			return name
		}
	}
	return ""
}

// writer returns how the JSON of a field is written: that of protobuf, which has numbers of
// 64 bits as text and enums by name.
func writer(field reflect.StructField) func(reflect.Value) (string, error) {
	switch kind := field.Type.Kind(); {
	case kind == reflect.Int32 && field.Type.Implements(stringer):
		return func(v reflect.Value) (string, error) {
			return strconv.Quote(v.Interface().(fmt.Stringer).String()), nil
		}
	case kind == reflect.Uint64:
		return func(v reflect.Value) (string, error) { return `"` + strconv.FormatUint(v.Uint(), 10) + `"`, nil }
	case kind == reflect.Int64:
		return func(v reflect.Value) (string, error) { return `"` + strconv.FormatInt(v.Int(), 10) + `"`, nil }
	case kind == reflect.Uint32:
		return func(v reflect.Value) (string, error) { return strconv.FormatUint(v.Uint(), 10), nil }
	case kind == reflect.Bool:
		return func(v reflect.Value) (string, error) { return strconv.FormatBool(v.Bool()), nil }
	case kind == reflect.String:
		return func(v reflect.Value) (string, error) { return jsonText(v.String()) }
	case kind == reflect.Slice && field.Type.Elem().Kind() == reflect.String:
		return jsonTexts
	}
	return nil
}

var stringer = reflect.TypeFor[fmt.Stringer]()

// jsonTexts writes a list of text.
func jsonTexts(list reflect.Value) (string, error) {
	texts := make([]string, list.Len())
	for i := range texts {
		var err error
		if texts[i], err = jsonText(list.Index(i).String()); err != nil {
			return "", err
		}
	}
	return "[" + strings.Join(texts, ",") + "]", nil
}

// jsonText writes text as JSON; addresses and amounts are written as they are.
func jsonText(s string) (string, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || strings.IndexByte(`"\<>&`, c) >= 0 {
			raw, err := json.Marshal(s)
			return string(raw), err
		}
	}
	return `"` + s + `"`, nil
}
