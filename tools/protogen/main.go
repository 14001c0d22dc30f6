// Command protogen compiles the .proto files of this repository with a pure-Go
// compiler and runs the code generators named as tools in go.mod. It needs no
// protoc, no network registry and no copy of anybody else's .proto file: the
// imports come out of the module cache. Run it by `make generate`.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

const module = "github.com/medibloc/pdx"

// imports are where foreign .proto files lie: folders of modules.
var imports = map[string][]string{
	"github.com/cosmos/cosmos-sdk":           {"proto"},
	"github.com/cosmos/gogoproto":            {"", "protobuf"},
	"github.com/cosmos/cosmos-proto":         {"proto"},
	"github.com/grpc-ecosystem/grpc-gateway": {"third_party/googleapis"},
}

// template is one generator over one folder of .proto files.
type template struct {
	folder, plugin, parameter string
}

const (
	gogo = "plugins=grpc,Mgoogle/protobuf/any.proto=github.com/cosmos/gogoproto/types/any," +
		"Mgoogle/protobuf/duration.proto=github.com/cosmos/gogoproto/types," +
		"Mgoogle/protobuf/timestamp.proto=github.com/cosmos/gogoproto/types"
	here = "module=" + module
)

var templates = []template{
	{"panacea/datapool/v3", "protoc-gen-gocosmos", gogo},
	// depinject reads a module's configuration by Google's reflection.
	{"panacea/datapool/module", "protoc-gen-go", here + ",Mcosmos/app/v1alpha1/module.proto=cosmossdk.io/api/cosmos/app/v1alpha1"},
	{"panacea/datapool/v3", "protoc-gen-grpc-gateway", "logtostderr=true,allow_colon_final_segments=true"},
	{"pdx", "protoc-gen-go", here},
	{"pdx/node", "protoc-gen-connect-go", here + ",simple"},
}

func main() {
	log.SetFlags(0)
	if err := run(context.Background()); err != nil {
		log.Fatalf("protogen: %v", err)
	}
}

func run(ctx context.Context) error {
	paths, err := importPaths(ctx)
	if err != nil {
		return err
	}
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: paths}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	for _, t := range templates {
		if err := t.generate(ctx, &compiler); err != nil {
			return fmt.Errorf("%s over %s: %w", t.plugin, t.folder, err)
		}
	}
	return nil
}

// importPaths are our own folder and those of the modules named in imports.
func importPaths(ctx context.Context) ([]string, error) {
	paths := []string{"proto"}
	for mod, folders := range imports {
		// On a new machine the module is not here yet: nothing that is built may need it.
		answer, err := output(ctx, nil, "go", "mod", "download", "-json", mod)
		if err != nil {
			return nil, err
		}
		var downloaded struct{ Dir string }
		if err := json.Unmarshal(answer, &downloaded); err != nil {
			return nil, fmt.Errorf("download %s: %w", mod, err)
		}
		for _, f := range folders {
			paths = append(paths, filepath.Join(downloaded.Dir, f))
		}
	}
	return paths, nil
}

func (t template) generate(ctx context.Context, compiler *protocompile.Compiler) error {
	names, err := protoFiles(t.folder)
	if err != nil {
		return err
	}
	files, err := compiler.Compile(ctx, names...)
	if err != nil {
		return err
	}
	request := &pluginpb.CodeGeneratorRequest{FileToGenerate: names, Parameter: &t.parameter}
	seen := map[string]bool{}
	for _, f := range files {
		request.ProtoFile = appendFile(request.ProtoFile, f, seen)
	}
	in, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	out, err := output(ctx, in, "go", "tool", t.plugin)
	if err != nil {
		return err
	}
	return write(out)
}

// protoFiles lists our .proto files under folder, as import paths.
func protoFiles(folder string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(filepath.Join("proto", folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".proto" {
			return err
		}
		rel, err := filepath.Rel("proto", path)
		names = append(names, filepath.ToSlash(rel))
		return err
	})
	return names, err
}

type descriptor = *descriptorpb.FileDescriptorProto

// appendFile adds f behind everything that it imports.
func appendFile(list []descriptor, f protoreflect.FileDescriptor, seen map[string]bool) []descriptor {
	if seen[f.Path()] {
		return list
	}
	seen[f.Path()] = true
	for i := range f.Imports().Len() {
		list = appendFile(list, f.Imports().Get(i).FileDescriptor, seen)
	}
	return append(list, protodesc.ToFileDescriptorProto(f))
}

// gatewayDoc is a package comment that protoc-gen-grpc-gateway writes. go doc would show it
// beside the package's own.
var gatewayDoc = regexp.MustCompile(`(?s)/\*\nPackage \w+ is a reverse proxy\..*?\*/\n`)

// write stores what a generator answered, below the root of the repository.
func write(out []byte) error {
	response := &pluginpb.CodeGeneratorResponse{}
	if err := proto.Unmarshal(out, response); err != nil {
		return err
	}
	if response.Error != nil {
		return errors.New(response.GetError())
	}
	for _, f := range response.File {
		name := strings.TrimPrefix(f.GetName(), module+"/")
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, gatewayDoc.ReplaceAll([]byte(f.GetContent()), nil), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// output runs a command with in as its standard input.
func output(ctx context.Context, in []byte, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return out, nil
}
