package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// schemaFile describes what the API answers and what --json prints.
const schemaFile = "../../docs/spec/api.schema.json"

var update = flag.Bool("update", false, "write docs/spec/api.schema.json anew")

// schemaOf describes the answers of the API.
func schemaOf(t *testing.T) []byte {
	t.Helper()
	definitions := map[string]any{}
	methods := nodepb.File_pdx_node_v1_node_proto.Services().ByName("NodeService").Methods()
	answers := []any{}
	for i := range methods.Len() {
		define(definitions, methods.Get(i).Output())
		answers = append(answers, ref(methods.Get(i).Output()))
	}
	raw, err := json.MarshalIndent(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Answers of a pdx node, as the API and --json write them",
		"$defs": definitions, "anyOf": answers,
	}, "", " ")
	require.NoError(t, err)
	return append(raw, '\n')
}

func ref(of protoreflect.MessageDescriptor) any {
	return map[string]any{"$ref": "#/$defs/" + string(of.Name())}
}

// define adds a message and those in it.
func define(definitions map[string]any, of protoreflect.MessageDescriptor) {
	name := string(of.Name())
	if definitions[name] != nil {
		return
	}
	properties := map[string]any{}
	definitions[name] = map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	for i := range of.Fields().Len() {
		field := of.Fields().Get(i)
		if m := field.Message(); m != nil && !field.IsMap() && m.ParentFile().Package() != "google.protobuf" {
			define(definitions, m)
		}
		properties[string(field.Name())] = typeOf(field)
	}
}

func typeOf(field protoreflect.FieldDescriptor) any {
	one := func(f protoreflect.FieldDescriptor) any {
		switch f.Kind() {
		case protoreflect.MessageKind:
			if f.Message().FullName() == "google.protobuf.Timestamp" {
				return map[string]any{"type": "string", "format": "date-time"}
			}
			return ref(f.Message())
		case protoreflect.BoolKind:
			return map[string]any{"type": "boolean"}
		case protoreflect.StringKind, protoreflect.EnumKind:
			return map[string]any{"type": "string"}
		case protoreflect.BytesKind:
			return map[string]any{"type": "string", "contentEncoding": "base64"}
		case protoreflect.DoubleKind, protoreflect.FloatKind:
			return map[string]any{"type": []string{"number", "string"}} // NaN and infinities are texts
		}
		return map[string]any{"type": "integer"}
	}
	switch {
	case field.IsMap():
		return map[string]any{"type": "object", "additionalProperties": one(field.MapValue())}
	case field.IsList():
		return map[string]any{"type": "array", "items": one(field)}
	case field.Kind() == protoreflect.MessageKind:
		return map[string]any{"anyOf": []any{one(field), map[string]any{"type": "null"}}}
	}
	return one(field)
}

// filled is a message in which every field is set; numbers are larger than what 32 bits hold.
func filled(of protoreflect.MessageDescriptor, depth int) *dynamicpb.Message {
	m := dynamicpb.NewMessage(of)
	for i := range of.Fields().Len() {
		field := of.Fields().Get(i)
		value := func() protoreflect.Value {
			switch field.Kind() {
			case protoreflect.MessageKind:
				return protoreflect.ValueOfMessage(filled(field.Message(), depth-1))
			case protoreflect.BoolKind:
				return protoreflect.ValueOfBool(true)
			case protoreflect.StringKind:
				return protoreflect.ValueOfString("12")
			case protoreflect.BytesKind:
				return protoreflect.ValueOfBytes([]byte{1, 2})
			case protoreflect.DoubleKind:
				return protoreflect.ValueOfFloat64(1.5)
			case protoreflect.Uint64Kind:
				return protoreflect.ValueOfUint64(1 << 53)
			case protoreflect.Uint32Kind:
				return protoreflect.ValueOfUint32(7)
			case protoreflect.Int32Kind:
				return protoreflect.ValueOfInt32(7)
			case protoreflect.Int64Kind:
				if of.ParentFile().Package() == "google.protobuf" {
					return protoreflect.ValueOfInt64(1_700_000_000)
				}
				return protoreflect.ValueOfInt64(-(1 << 53))
			}
			return protoreflect.Value{}
		}
		if field.IsMap() || field.Message() != nil && depth == 0 {
			continue
		}
		v := value()
		if !v.IsValid() {
			continue
		}
		if field.IsList() {
			list := m.Mutable(field).List()
			list.Append(v)
			list.Append(value())
			continue
		}
		m.Set(field, v)
	}
	return m
}

// TestAnswersAreAsTheSchemaSays holds the schema in the documents against what is written of empty and of full answers,
// and that no number is a text.
func TestAnswersAreAsTheSchemaSays(t *testing.T) {
	text := schemaOf(t)
	if *update {
		require.NoError(t, os.WriteFile(schemaFile, text, 0o644))
	}
	written, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	require.Equal(t, string(text), string(written), "go test ./node/api -run TestAnswersAreAsTheSchemaSays -update")
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("api.json", document))
	methods := nodepb.File_pdx_node_v1_node_proto.Services().ByName("NodeService").Methods()
	for i := range methods.Len() {
		of := methods.Get(i).Output()
		schema, err := compiler.Compile("api.json#/$defs/" + string(of.Name()))
		require.NoError(t, err)
		for _, m := range []proto.Message{dynamicpb.NewMessage(of), filled(of, 4)} {
			raw, err := api.MarshalJSON(m)
			require.NoError(t, err)
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
			require.NoError(t, err, "%s", raw)
			require.NoError(t, schema.Validate(value), "%s", raw)
			require.NotContains(t, string(raw), `"9007199254740992"`, of.Name())
		}
	}
	names := slices.Sorted(maps.Keys(document.(map[string]any)["$defs"].(map[string]any)))
	require.Contains(t, names, "Amount")
}

func TestNumbersAreNumbersAndMoneyIsText(t *testing.T) {
	raw, err := api.MarshalJSON(
		&nodepb.StatusResponse{ChainHeight: 1 << 60, Balance: &nodepb.Amount{Amount: "18446744073709551615", Denom: "umed"}},
	)
	require.NoError(t, err)
	require.Contains(t, string(raw), `"chain_height":1152921504606846976`)
	require.Contains(t, string(raw), `"balance":{"amount":"18446744073709551615","denom":"umed"}`)
	require.Contains(t, string(raw), `"chain_time":null`)
	require.True(t, json.Valid(raw))
}

// deaf serves an API of which no call is reached.
func deaf(t *testing.T) *http.Client {
	t.Helper()
	dir, err := os.MkdirTemp("", "pdx") // a short path, for the socket
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	server, err := api.NewServer(api.ServerConfig{Socket: socket, Handler: nodepbconnect.UnimplementedNodeServiceHandler{}})
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial}}
}

// A request with a field that there is not is refused before it does anything.
func TestUnknownRequestFieldsAreRefused(t *testing.T) {
	client := deaf(t)
	unknown := string(protowire.AppendVarint(protowire.AppendTag(nil, 999, protowire.VarintType), 1))
	for _, c := range []struct {
		method, kind, body string
		status             int
		says               string
	}{
		{"GetDeal", "application/json", `{"id": 1}`, http.StatusNotImplemented, "unimplemented"},
		{"GetDeal", "application/json", `{"dealId": 99}`, http.StatusBadRequest, "dealId"},
		{"GetDeal", "application/json; charset=utf-8", `{"dealId": 99}`, http.StatusBadRequest, "dealId"},
		{"GetDeal", "application/json", ``, http.StatusBadRequest, "send {}"},
		{"GetDeal", "application/proto", "", http.StatusNotImplemented, "unimplemented"},
		{"GetDeal", "application/proto", unknown, http.StatusBadRequest, "GetDealRequest has a field that this daemon does not know"},
	} {
		req, err := http.NewRequestWithContext(
			t.Context(),
			http.MethodPost,
			"http://pdx/pdx.node.v1.NodeService/"+c.method,
			strings.NewReader(c.body),
		)
		require.NoError(t, err)
		req.Header.Set("Content-Type", c.kind)
		res, err := client.Do(req)
		require.NoError(t, err)
		var answer bytes.Buffer
		_, err = answer.ReadFrom(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, c.status, res.StatusCode, "%s %q: %s", c.kind, c.body, answer.String())
		require.Contains(t, answer.String(), c.says)
	}
}
