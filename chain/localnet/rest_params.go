package localnet

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gogoproto "github.com/cosmos/gogoproto/proto"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// queryService is the service whose parameters are checked. The SDK's own routes are
// left as they are.
const queryService = "panacea.datapool.v3.Query"

// knownParameters passes on requests for the exchange's queries whose URL parameters
// all exist, and refuses the others: the gateway would ignore a misspelt filter and
// list everything.
func knownParameters(next http.Handler) (http.Handler, error) {
	found, err := gogoproto.HybridResolver.FindDescriptorByName(queryService)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", queryService, err)
	}
	service, ok := found.(protoreflect.ServiceDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s: not a service", queryService)
	}
	routes, known := http.NewServeMux(), map[string][]string{}
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
		if rule.GetGet() == "" {
			return nil, fmt.Errorf("%s: no GET route", method.FullName())
		}
		pattern := "GET " + rule.GetGet()
		routes.Handle(pattern, next)
		known[pattern] = parameters(method.Input(), "")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := routes.Handler(r)
		names, ours := known[pattern]
		for name := range r.URL.Query() {
			if ours && !slices.Contains(names, name) {
				refuseParameter(w, name, names)
				return
			}
		}
		next.ServeHTTP(w, r)
	}), nil
}

// parameters lists the names of a request's fields, also those in messages, in both
// spellings that the gateway reads.
func parameters(request protoreflect.MessageDescriptor, prefix string) (names []string) {
	for i := range request.Fields().Len() {
		field := request.Fields().Get(i)
		for _, name := range slices.Compact([]string{string(field.Name()), field.JSONName()}) {
			if field.Message() != nil {
				names = append(names, parameters(field.Message(), prefix+name+".")...)
			} else {
				names = append(names, prefix+name)
			}
		}
	}
	return names
}

// refuseParameter answers as the gateway does for an invalid argument.
func refuseParameter(w http.ResponseWriter, name string, known []string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"code":    codes.InvalidArgument,
		"message": fmt.Sprintf("unknown parameter %q; known are: %s", name, strings.Join(known, ", ")),
		"details": []any{},
	})
}
