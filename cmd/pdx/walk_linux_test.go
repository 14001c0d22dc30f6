package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"connectrpc.com/connect"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/medibloc/pdx/node/api/nodepb"
)

// walkedDisguise is what strangers write, as far as the wire takes it.
var walkedDisguise = strings.ToValidUTF8(hostile, "")

// hostileCriteria is what a stranger can publish as version 1.
const hostileCriteria = `{"version":1,"title":"t\u001b[2J","media_type":"application/x-ndjson","schema":{},
	"fields":[{"pointer":"/a","required":true,"purpose":"p"},{"pointer":"/|\r\u001b[2K\u202e\u009b","purpose":"x\u001b[1A\u001b[2K"}]}`

const fineCriteria = `{"version":2,"title":"t","media_type":"application/x-ndjson","schema":{},"fields":[{"pointer":"/a","purpose":"p"}]}`

// verbLines are command lines for each verb: "FILE" is a file whose name is hostile, "NEW" one that is not there,
// "HOSTILE" is hostile text.
var verbLines = map[string][]string{
	"pdx":                       {"", "HOSTILE", "--HOSTILE"},
	"pdx watch":                 {"watch"},
	"pdx man":                   {"man FILE", "man NEW"},
	"pdx help":                  {"help HOSTILE"},
	"pdx completion":            {"completion HOSTILE"},
	"pdx completion bash":       {"completion bash"},
	"pdx completion fish":       {"completion fish"},
	"pdx completion zsh":        {"completion zsh"},
	"pdx completion powershell": {"completion powershell"},
	"pdx init": {
		"init --recover FILE --passphrase-file PASS --chain-id HOSTILE",
		"init --localnet FILE",
		"init --network HOSTILE",
	},
	"pdx daemon":            {"daemon --passphrase-file FILE"},
	"pdx relay":             {"relay --passphrase-file FILE"},
	"pdx service":           {"service HOSTILE"},
	"pdx service install":   {"service install --dry-run --passphrase-file FILE"},
	"pdx service uninstall": {"service uninstall --dry-run"},
	"pdx stop":              {"stop --timeout 1ns", "stop --timeout HOSTILE"},
	"pdx logs":              {"logs", "logs --level HOSTILE"},
	"pdx status":            {"status"},
	"pdx doctor":            {"doctor"},
	"pdx receipt":           {"receipt HOSTILE"},
	"pdx receipt save":      {"receipt save 1 FILE", "receipt save 1 NEW"},
	"pdx receipt verify":    {"receipt verify FILE", "receipt verify FILE --hash HOSTILE"},
	"pdx config":            {"config HOSTILE"},
	"pdx config list":       {"config list"},
	"pdx config get":        {"config get HOSTILE", "config get chain.id"},
	"pdx config set":        {"config set HOSTILE 1", "config set log.level HOSTILE"},
	"pdx config unset":      {"config unset HOSTILE", "config unset log.level"},
	"pdx config check":      {"config check"},
	"pdx web":               {"web", "web --allow HOSTILE", "web --allow sell --for 1h"},
	"pdx start":             {"start --passphrase-file FILE", "start --allow HOSTILE"},
	"pdx keys":              {"keys HOSTILE"},
	"pdx keys show":         {"keys show --passphrase-file FILE"},
	"pdx keys mnemonic":     {"keys mnemonic --passphrase-file FILE"},
	"pdx keys passphrase": {
		"keys passphrase --passphrase-file FILE",
		"keys passphrase --passphrase-file PASS --new-passphrase-file NEW",
	},
	"pdx keys move":        {"keys move --recover FILE", "keys move --passphrase-file PASS"},
	"pdx keys rotate":      {"keys rotate HOSTILE", "keys rotate peer --passphrase-file PASS"},
	"pdx backup":           {"backup FILE --passphrase-file PASS", "backup NEW --passphrase-file PASS"},
	"pdx restore":          {"restore FILE --passphrase-file PASS"},
	"pdx peers":            {"peers"},
	"pdx transfer":         {"transfer HOSTILE"},
	"pdx transfer list":    {"transfer list"},
	"pdx transfer watch":   {"transfer watch"},
	"pdx reach":            {"reach HOSTILE"},
	"pdx ping":             {"ping HOSTILE"},
	"pdx perf":             {"perf HOSTILE"},
	"pdx withdraw":         {"withdraw"},
	"pdx version":          {"version"},
	"pdx criteria":         {"criteria HOSTILE"},
	"pdx criteria new":     {"criteria new --sample FILE", "criteria new --sample HOSTILE", "criteria new --title HOSTILE"},
	"pdx criteria check":   {"criteria check CRITERIA", "criteria check FINE", "criteria check FILE"},
	"pdx criteria explain": {"criteria explain CRITERIA", "criteria explain FILE"},
	"pdx criteria test":    {"criteria test CRITERIA FILE", "criteria test FINE FILE", "criteria test FINE NEW"},
	"pdx criteria import":  {"criteria import FILE", "criteria import FILE --from HOSTILE", "criteria import NEW --drop HOSTILE"},
	"pdx criteria schema":  {"criteria schema", "criteria schema --out FILE"},
	"pdx pool":             {"pool HOSTILE"},
	"pdx pool create": {
		"pool create CRITERIA --price 1MED --count 1 --validators V",
		"pool create FINE --price 1MED --count 1 --validators V --title HOSTILE --yes",
		"pool create FINE --price 1MED --count 1 --validators V --title HOSTILE --term HOSTILE",
		"pool create CRITERIA --as-is --price 1MED --count 1 --validators V",
		"pool create FILE --price 1MED --count 1 --validators V",
		"pool create CRITERIA --price HOSTILE --count 1 --validators V",
		"pool create CRITERIA --price 1MED --count HOSTILE --validators V",
	},
	"pdx deal challenge":       {"deal challenge 1 --chunks 0,1", "deal challenge HOSTILE", "deal challenge 1 --chunks HOSTILE"},
	"pdx pool list":            {"pool list", "pool list --status HOSTILE", "pool list --min-price HOSTILE"},
	"pdx pool show":            {"pool show 1", "pool show HOSTILE"},
	"pdx pool close":           {"pool close 1", "pool close 1 --dry-run"},
	"pdx validator":            {"validator HOSTILE"},
	"pdx validator register":   {"validator register --bond 1MED --commission 1 --moniker HOSTILE", "validator register --bond HOSTILE"},
	"pdx validator show":       {"validator show", "validator show HOSTILE"},
	"pdx validator list":       {"validator list"},
	"pdx validator update":     {"validator update --moniker HOSTILE"},
	"pdx validator commission": {"validator commission HOSTILE", "validator commission 1"},
	"pdx validator conditions": {
		"validator conditions", "validator conditions --min-income HOSTILE",
		"validator conditions --buyers HOSTILE --media-types HOSTILE",
	},
	"pdx validator add-bond": {"validator add-bond 1MED", "validator add-bond HOSTILE"},
	"pdx validator unbond":   {"validator unbond"},
	"pdx validator unjail":   {"validator unjail"},
	"pdx data":               {"data HOSTILE"},
	"pdx data add":           {"data add FILE --name HOSTILE", "data add NEW --name HOSTILE"},
	"pdx data sidecar":       {"data sidecar HOSTILE", "data sidecar FILE"},
	"pdx data list":          {"data list"},
	"pdx data show":          {"data show HOSTILE"},
	"pdx data rm":            {"data rm HOSTILE"},
	"pdx sell": {
		"sell 1 HOSTILE", "sell 1 HOSTILE --unchecked", "sell 1 HOSTILE --skip-invalid --yes --agree",
		"sell 1 HOSTILE --unchecked --follow --agree --yes",
	},
	"pdx sales":        {"sales", "sales --csv"},
	"pdx sales show":   {"sales show 1", "sales show HOSTILE"},
	"pdx pulls show":   {"pulls show 1"},
	"pdx deals":        {"deals", "deals --csv"},
	"pdx earnings":     {"earnings", "earnings --csv", "earnings --by HOSTILE"},
	"pdx consents":     {"consents", "consents --csv"},
	"pdx consent":      {"consent HOSTILE"},
	"pdx consent show": {"consent show 1", "consent show HOSTILE"},
	"pdx consent export": {
		"consent export 1 NEW", "consent export 1 FILE --form text", "consent export 1 NEW --form HOSTILE", "consent export 1 NEW --form fhir",
	},
	"pdx consent verify":   {"consent verify FILE", "consent verify FILE --hash HOSTILE"},
	"pdx consent withdraw": {"consent withdraw 1", "consent withdraw 1 --dry-run", "consent withdraw HOSTILE"},
	"pdx erasure":          {"erasure HOSTILE"},
	"pdx erasure request":  {"erasure request 1 --reason HOSTILE", "erasure request HOSTILE"},
	"pdx erasure list":     {"erasure list"},
	"pdx erasure answer":   {"erasure answer 1 --erased --yes", "erasure answer 1 --refuse --note HOSTILE", "erasure answer 1"},
	"pdx sales cancel":     {"sales cancel HOSTILE", "sales cancel 1"},
	"pdx sales prune":      {"sales prune", "sales prune --dry-run", "sales prune --yes"},
	"pdx pull":             {"pull 1 --out FILE", "pull 1 --out NEW", "pull 1 --follow --yes"},
	"pdx pulls":            {"pulls", "pulls --csv"},
	"pdx open":             {"open 1 --out NEW", "open 1 --out FILE --format HOSTILE --merge", "open HOSTILE --out NEW --dry-run"},
	"pdx pulls prune":      {"pulls prune", "pulls prune --dry-run", "pulls prune --yes"},
	"pdx deal":             {"deal HOSTILE"},
	"pdx deal list":        {"deal list", "deal list --state HOSTILE"},
	"pdx deal show":        {"deal show 1"},
	"pdx demo":             {"demo --dir FILE --HOSTILE"},
	"pdx localnet":         {""}, // another program answers
	"pdx sample":           {"sample --kind HOSTILE", "sample --out FILE", "sample --patients 1"},
	"pdx exit-codes":       {"exit-codes"},
}

// walkers are how a verb can be run: for a script, for a program, for a person who
// agrees to everything.
var walkers = map[string]func(*walk, ...string) string{"pipe": (*walk).pipe, "json": (*walk).json, "terminal": (*walk).terminal}

// TestNoVerbPrintsWhatCouldHideText runs every verb against a daemon all of whose
// answers, then all of whose errors, are hostile, with hostile arguments and file
// names. A new verb needs its line in verbLines.
func TestNoVerbPrintsWhatCouldHideText(t *testing.T) {
	root := (&app{}).command()
	var names []string
	for _, cmd := range append(verbs(root), root) {
		names = append(names, cmd.CommandPath())
	}
	require.ElementsMatch(t, names, slices.Collect(maps.Keys(verbLines)), "every verb has its lines in verbLines")
	for _, failing := range []bool{false, true} {
		w := newWalk(t, failing)
		for how, run := range walkers {
			t.Run(fmt.Sprintf("failing=%v,%s", failing, how), func(t *testing.T) {
				for _, cmd := range append(verbs(root), root) {
					w.verb(t, cmd, run)
				}
			})
		}
		require.NotEmpty(t, w.methods)
		for method, calls := range w.methods {
			require.True(t, failing || calls > 0, "no verb of the walk calls %s", method)
		}
	}
}

// verb runs the lines of a verb, and one with a flag that it does not have.
func (w *walk) verb(t *testing.T, cmd *cobra.Command, run func(*walk, ...string) string) {
	t.Helper()
	if cmd.DisableFlagParsing {
		return // another program answers
	}
	for _, line := range verbLines[cmd.CommandPath()] {
		requireInert(t, line, run(w, w.arguments(line)...))
	}
	line := slices.Concat(strings.Fields(cmd.CommandPath())[1:], []string{"--" + walkedDisguise})
	requireInert(t, strings.Join(line, " "), run(w, line...))
}

// moves are what pdx itself sends to a terminal: bold headings, and where a progress
// bar or a page begins and is cleared, and where a whole screen begins and ends.
var moves = regexp.MustCompile(`\x1b\[(0|1|31|32|K|2K|J|H|\?1049[hl]|\?25[hl]|[0-9]+A)?m?`)

// requireInert allows lines, tabs, and on a terminal pdx's own moves. A stranger's
// sequences are not among those, because they are tried with "2J" and "8m".
func requireInert(t *testing.T, line, out string) {
	t.Helper()
	for _, r := range strings.ReplaceAll(out, "\t", "") {
		require.True(t, r == '\n' || unicode.IsPrint(r), "pdx %s prints %q in:\n%q", line, r, out)
	}
	require.NotContains(t, out, "\u3164", line)
}

// walk is a home whose daemon is hostile.
type walk struct {
	t       *testing.T
	home    string
	file    string // its name is hostile
	failing bool

	mu      sync.Mutex
	methods map[string]int                // calls
	asked   map[string]*dynamicpb.Message // the last request for a stream
}

func newWalk(t *testing.T, failing bool) *walk {
	t.Helper()
	home, err := os.MkdirTemp("", "pdx") // a short path, for the socket
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(home) })
	w := &walk{t: t, home: home, failing: failing, methods: map[string]int{}, asked: map[string]*dynamicpb.Message{}}
	w.file = filepath.Join(home, "a"+strings.ReplaceAll(hostile, "/", "")+"\xff.ndjson")
	for name, text := range map[string]string{
		w.file: "words" + hostile, filepath.Join(home, "pass"): "correct horse battery\n",
		filepath.Join(home, "criteria.json"): hostileCriteria, filepath.Join(home, "fine.json"): fineCriteria,
	} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	code, _, errs := runIn(t, home, "init", "--chain-id", "c-1", "--grpc", "127.0.0.1:9", "--rpc", "http://127.0.0.1:9",
		"--passphrase-file", filepath.Join(home, "pass"))
	require.Zero(t, code, errs)
	w.serve()
	return w
}

// arguments splits a line of verbLines.
func (w *walk) arguments(line string) []string {
	in := func(name string) string { return filepath.Join(w.home, name) }
	words := strings.NewReplacer("HOSTILE", walkedDisguise, "FILE", w.file, "NEW", in("new"+walkedDisguise), "CRITERIA", in("criteria.json"),
		"FINE", in("fine.json"), "PASS", in("pass"))
	args := strings.Fields(line)
	for i := range args {
		args[i] = words.Replace(args[i])
	}
	return args
}

// serve answers every method of the service on the home's socket.
func (w *walk) serve() {
	mux := http.NewServeMux()
	service := nodepb.File_pdx_node_v1_node_proto.Services().ByName("NodeService")
	methods := service.Methods()
	for i := range methods.Len() {
		method := methods.Get(i)
		path := "/" + string(service.FullName()) + "/" + string(method.Name())
		w.methods[string(method.Name())] = 0
		options := []connect.HandlerOption{connect.WithSchema(method), connect.WithRequestInitializer(dynamic)}
		if method.IsStreamingServer() {
			mux.Handle(path, connect.NewServerStreamHandler(path, func(_ context.Context, req *connect.Request[dynamicpb.Message],
				s *connect.ServerStream[dynamicpb.Message],
			) error {
				w.asked[string(method.Name())] = req.Msg
				return w.stream(method, s)
			}, options...))
			continue
		}
		mux.Handle(path, connect.NewUnaryHandler(path, func(_ context.Context, req *connect.Request[dynamicpb.Message],
		) (*connect.Response[dynamicpb.Message], error) {
			if err := w.answer(method); err != nil {
				return nil, err
			}
			return connect.NewResponse(page(req.Msg, answers(method.Output())[0])), nil
		}, options...))
	}
	listener, err := net.Listen("unix", filepath.Join(w.home, "pdx.sock"))
	require.NoError(w.t, err)
	server := &http.Server{Handler: mux}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	w.t.Cleanup(func() { server.Close(); <-done })
}

// dynamic makes requests of the method's type.
func dynamic(spec connect.Spec, message any) error {
	if m, ok := message.(*dynamicpb.Message); ok && spec.Schema != nil {
		*m = *dynamicpb.NewMessage(spec.Schema.(protoreflect.MethodDescriptor).Input())
	}
	return nil
}

// page makes the second page of a list the last one.
func page(req, answer *dynamicpb.Message) *dynamicpb.Message {
	cursor, next := req.Descriptor().Fields().ByName("cursor"), answer.Descriptor().Fields().ByName("next_cursor")
	if cursor != nil && next != nil && req.Has(cursor) {
		answer.Clear(next)
	}
	return answer
}

func (w *walk) answer(method protoreflect.MethodDescriptor) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.methods[string(method.Name())]++
	if w.failing {
		return connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("peer said %s", walkedDisguise))
	}
	return nil
}

func (w *walk) stream(method protoreflect.MethodDescriptor, s *connect.ServerStream[dynamicpb.Message]) error {
	for _, m := range answers(method.Output()) {
		if err := w.answer(method); err != nil {
			return err
		}
		if err := s.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// answers are hostile messages of a type: one, or one for each alternative that it has.
func answers(of protoreflect.MessageDescriptor) (all []*dynamicpb.Message) {
	alternatives := 1
	if of.Oneofs().Len() > 0 {
		alternatives = of.Oneofs().Get(0).Fields().Len()
	}
	for i := range alternatives {
		m := dynamicpb.NewMessage(of)
		spoil(m, 4)
		if of.Oneofs().Len() > 0 {
			field := of.Oneofs().Get(0).Fields().Get(i)
			m.Clear(field)
			value := m.NewField(field)
			spoil(value.Message().Interface(), 3)
			m.Set(field, value)
		}
		disarm(m)
		all = append(all, m)
	}
	return all
}

// disarm makes strings what the wire takes, and documents readable.
func disarm(m protoreflect.Message) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Name() == "step":
			m.Clear(f) // the result of a stream
		case f.Name() == "criteria" && f.Kind() == protoreflect.BytesKind:
			m.Set(f, protoreflect.ValueOfBytes([]byte(hostileCriteria)))
		case f.IsList() && f.Kind() == protoreflect.StringKind:
			for i := range v.List().Len() {
				v.List().Set(i, protoreflect.ValueOfString(walkedDisguise))
			}
		case f.IsList() && f.Kind() == protoreflect.MessageKind:
			for i := range v.List().Len() {
				disarm(v.List().Get(i).Message())
			}
		case f.Kind() == protoreflect.StringKind:
			m.Set(f, protoreflect.ValueOfString(walkedDisguise))
		case f.Kind() == protoreflect.MessageKind && !f.IsMap():
			disarm(v.Message())
		}
		return true
	})
}

func (w *walk) pipe(args ...string) string {
	_, out, errs := runIn(w.t, w.home, args...)
	return out + errs
}

func (w *walk) json(args ...string) string { return w.pipe(append([]string{"--json"}, args...)...) }

// terminal runs a command line on a terminal, on which every question is answered
// with yes, and returns what appears there without pdx's own moves.
func (w *walk) terminal(args ...string) string {
	master, slave := openTerminal(w.t)
	defer master.Close()
	_, err := master.WriteString(strings.Repeat("y\n", 20))
	require.NoError(w.t, err)
	var seen bytes.Buffer
	done := make(chan struct{})
	go func() { defer close(done); _, _ = io.Copy(&seen, master) }() // ends with EIO when the slave is closed
	a := &app{streams: streams{in: slave, out: slave, err: slave}, workFactor: testWorkFactor}
	a.run(w.t.Context(), append(args, "--home", w.home))
	slave.Close()
	<-done
	return moves.ReplaceAllString(strings.ReplaceAll(seen.String(), "\r", ""), "")
}

// openTerminal opens a terminal that shows what is written to it and nothing else.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	mode, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	require.NoError(t, err)
	mode.Lflag &^= unix.ECHO
	mode.Oflag &^= unix.OPOST
	require.NoError(t, unix.IoctlSetTermios(int(slave.Fd()), unix.TCSETS, mode))
	require.NoError(t, unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 100}))
	return master, slave
}

// TestOptionalFieldsAreOptedInto reads what the command line asks of the daemon.
func TestOptionalFieldsAreOptedInto(t *testing.T) {
	w := newWalk(t, false)
	for line, optional := range map[string]bool{
		"sell 1 data": false, "sell 1 data --yes": false, "sell 1 data --optional": true, "sell 1 data --agree": true,
		"sell 1 data --agree --optional=false": false, "sell 1 data --agree --fields /a": false,
	} {
		w.pipe(strings.Fields(line)...)
		asked := w.asked["PreviewSale"]
		require.NotNil(t, asked, line)
		require.Equal(t, optional, asked.Get(asked.Descriptor().Fields().ByName("optional")).Bool(), line)
	}
}
