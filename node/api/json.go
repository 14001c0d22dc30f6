package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// MarshalJSON returns a message as JSON on one line: names in snake_case, every field, and whole numbers of
// any size as numbers, so that a program compares them as such. Money is a text, for it may be more
// than every reader of JSON can hold.
func MarshalJSON(m proto.Message) ([]byte, error) {
	raw, err := protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := unquoteNumbers(&out, raw, m.ProtoReflect().Descriptor()); err != nil {
		return nil, fmt.Errorf("%s as JSON: %w", m.ProtoReflect().Descriptor().Name(), err)
	}
	return out.Bytes(), nil
}

// unquoteNumbers copies the JSON of a message and takes 64-bit numbers out of their quotes. It is also
// compacted, because protojson varies its white space on purpose.
func unquoteNumbers(out *bytes.Buffer, raw json.RawMessage, of protoreflect.MessageDescriptor) error {
	if raw = bytes.TrimSpace(raw); raw[0] != '{' || of.ParentFile().Package() == "google.protobuf" {
		return json.Compact(out, raw) // null, or a time
	}
	return copyMembers(out, raw, func(name string, value json.RawMessage) error {
		field := of.Fields().ByName(protoreflect.Name(name))
		if field == nil {
			return fmt.Errorf("no field %q", name)
		}
		return unquoteField(out, value, field)
	})
}

// copyMembers copies the members of an object, with values that copyValue writes.
func copyMembers(out *bytes.Buffer, raw json.RawMessage, copyValue func(name string, value json.RawMessage) error) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if _, err := decoder.Token(); err != nil { // the brace
		return err
	}
	separator := byte('{')
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return err
		}
		out.WriteByte(separator)
		out.Write(append(quoted, ':'))
		if err := copyValue(name, value); err != nil {
			return err
		}
		separator = ','
	}
	if separator == '{' {
		out.WriteByte('{')
	}
	return out.WriteByte('}')
}

func unquoteField(out *bytes.Buffer, raw json.RawMessage, field protoreflect.FieldDescriptor) error {
	switch {
	case field.IsMap():
		return copyMembers(out, raw, func(_ string, value json.RawMessage) error { return unquoteValue(out, value, field.MapValue()) })
	case !field.IsList():
		return unquoteValue(out, raw, field)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	out.WriteByte('[')
	for i, value := range list {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := unquoteValue(out, value, field); err != nil {
			return err
		}
	}
	return out.WriteByte(']')
}

func unquoteValue(out *bytes.Buffer, raw json.RawMessage, field protoreflect.FieldDescriptor) error {
	switch field.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return unquoteNumbers(out, raw, field.Message())
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		_, err := out.WriteString(strings.Trim(string(raw), `"`))
		return err
	}
	return json.Compact(out, raw)
}

// strictJSON is the JSON of the local API: answers as MarshalJSON writes them, and requests without a field that
// there is not. A field that is passed over could be the one that keeps a call from spending.
type strictJSON struct{ name string }

// Name implements connect.Codec.
func (c strictJSON) Name() string { return c.name }

// Marshal implements connect.Codec.
func (strictJSON) Marshal(message any) ([]byte, error) {
	m, ok := message.(proto.Message)
	if !ok {
		return nil, fmt.Errorf("%T is no message", message)
	}
	return MarshalJSON(m)
}

// Unmarshal implements connect.Codec.
func (strictJSON) Unmarshal(raw []byte, message any) error {
	m, ok := message.(proto.Message)
	if !ok {
		return fmt.Errorf("%T is no message", message)
	}
	if len(raw) == 0 {
		return errors.New("an empty body is not JSON: send {}")
	}
	return protojson.Unmarshal(raw, m)
}

// strict has the API refuse requests with fields that it does not know, in every encoding.
func strict() []connect.HandlerOption {
	return []connect.HandlerOption{
		connect.WithCodec(strictJSON{"json"}), connect.WithCodec(strictJSON{"json; charset=utf-8"}), connect.WithInterceptors(refuseUnknown{}),
	}
}

// refuseUnknown is the interceptor that refuses binary requests of a newer program, which ask for something
// that this one does not know.
type refuseUnknown struct{}

// WrapUnary implements connect.Interceptor.
func (refuseUnknown) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		if m, ok := req.Any().(proto.Message); ok {
			if err := knownFields(m.ProtoReflect()); err != nil {
				return nil, err
			}
		}
		return next(ctx, req)
	}
}

// WrapStreamingClient implements connect.Interceptor.
func (refuseUnknown) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// WrapStreamingHandler implements connect.Interceptor.
func (refuseUnknown) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error { return next(ctx, knownOnly{conn}) }
}

// knownOnly refuses what a stream receives with unknown fields.
type knownOnly struct{ connect.StreamingHandlerConn }

// Receive implements connect.StreamingHandlerConn.
func (k knownOnly) Receive(message any) error {
	if err := k.StreamingHandlerConn.Receive(message); err != nil {
		return err
	}
	if m, ok := message.(proto.Message); ok {
		return knownFields(m.ProtoReflect())
	}
	return nil
}

// knownFields returns an error if a message or one in it has fields that this program does not know.
func knownFields(m protoreflect.Message) (err error) {
	if len(m.GetUnknown()) > 0 {
		return connect.NewError(connect.CodeInvalidArgument, fmt.Errorf(
			"%s has a field that this daemon does not know: it is older than the program that asks, or the request is wrong", m.Descriptor().Name()))
	}
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap() || field.Message() == nil:
		case field.IsList():
			for i := 0; err == nil && i < value.List().Len(); i++ {
				err = knownFields(value.List().Get(i).Message())
			}
		default:
			err = knownFields(value.Message())
		}
		return err == nil
	})
	return err
}
