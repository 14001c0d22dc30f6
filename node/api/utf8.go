package api

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/medibloc/pdx"
)

// checkUTF8 returns pdx.ErrInvalid for a request with a string that is not UTF-8: a
// path or an argument in another encoding. It could not be encoded, which would
// look like a node that does not answer.
func checkUTF8(message any) error {
	var bad error
	eachString(message, func(s string) string {
		if bad == nil && !utf8.ValidString(s) {
			bad = fmt.Errorf("%q is not UTF-8: %w: rename the file or set a UTF-8 locale", s, pdx.ErrInvalid)
		}
		return s
	})
	return bad
}

// repair makes all strings of an answer valid UTF-8, because one invalid string
// would make the whole answer fail.
func repair(message any) {
	eachString(message, func(s string) string { return strings.ToValidUTF8(s, "\uFFFD") })
}

// eachString replaces the strings of a message, in lists, maps and messages in it
// too, by what change makes of them. A string that does not change is left alone.
func eachString(message any, change func(string) string) {
	if m, ok := message.(proto.Message); ok {
		walkMessage(m.ProtoReflect(), change)
	}
}

func walkMessage(m protoreflect.Message, change func(string) string) {
	m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.IsMap():
			walkMap(field, v.Map(), change)
		case field.IsList():
			list := v.List()
			for i := range list.Len() {
				if now, changed := walkValue(field, list.Get(i), change); changed {
					list.Set(i, now)
				}
			}
		default:
			if now, changed := walkValue(field, v, change); changed {
				m.Set(field, now)
			}
		}
		return true
	})
}

// walkMap replaces values and, where they are strings, keys.
func walkMap(field protoreflect.FieldDescriptor, m protoreflect.Map, change func(string) string) {
	m.Range(func(key protoreflect.MapKey, v protoreflect.Value) bool {
		now, valueChanged := walkValue(field.MapValue(), v, change)
		name, keyChanged := walkValue(field.MapKey(), key.Value(), change)
		if keyChanged {
			m.Clear(key)
		}
		if valueChanged || keyChanged {
			m.Set(name.MapKey(), now)
		}
		return true
	})
}

func walkValue(field protoreflect.FieldDescriptor, v protoreflect.Value, change func(string) string) (protoreflect.Value, bool) {
	switch field.Kind() {
	case protoreflect.StringKind:
		if now := change(v.String()); now != v.String() {
			return protoreflect.ValueOfString(now), true
		}
	case protoreflect.MessageKind, protoreflect.GroupKind:
		walkMessage(v.Message(), change)
	}
	return v, false
}

// repairing repairs what a handler streams.
type repairing struct{ connect.StreamingHandlerConn }

// Send implements connect.StreamingHandlerConn.
func (c repairing) Send(message any) error {
	repair(message)
	return c.StreamingHandlerConn.Send(message)
}

// checking checks what a client streams.
type checking struct{ connect.StreamingClientConn }

// Send implements connect.StreamingClientConn.
func (c checking) Send(message any) error {
	if err := checkUTF8(message); err != nil {
		return err
	}
	return c.StreamingClientConn.Send(message)
}
