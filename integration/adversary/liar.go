package adversary

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Lie changes what a Liar passes on; the zero Lie changes nothing.
type Lie struct {
	// GRPC returns the answer to a call of a method, /package.Service/Method, given the
	// true answer.
	GRPC func(method string, answer []byte) []byte
	// Ask changes the parameters of a call of CometBFT's RPC.
	Ask func(method string, params map[string]any)
	// RPC changes the result of a call of CometBFT's RPC, given the true one.
	RPC func(method string, params, result map[string]any)
}

// A Liar stands between a node and its chain, like the operator of an endpoint.
type Liar struct {
	GRPC, RPC string // where it listens

	conn     *grpc.ClientConn
	upstream string // RPC

	mu    sync.Mutex
	lie   Lie
	leaks int
}

// NewLiar returns a Liar that changes nothing until Tell, and ends with the test.
func NewLiar(t testing.TB, grpcUpstream, rpcUpstream string) *Liar {
	t.Helper()
	conn, err := grpc.NewClient(grpcUpstream, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	l := &Liar{conn: conn, upstream: rpcUpstream}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(grpc.ForceServerCodec(rawCodec{}), grpc.UnknownServiceHandler(l.serveGRPC))
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	web := httptest.NewServer(http.HandlerFunc(l.serveRPC))
	t.Cleanup(func() {
		server.Stop()
		serving.Wait()
		web.Close()
		_ = conn.Close()
	})
	l.GRPC, l.RPC = listener.Addr().String(), web.URL
	return l
}

// Tell makes the Liar apply a lie from now on.
func (l *Liar) Tell(lie Lie) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lie = lie
}

// Deliveries returns how many requests contained a MsgDeliver, to simulate it, to broadcast
// it or otherwise.
func (l *Liar) Deliveries() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.leaks
}

// hear checks for a delivery and returns the lie to tell.
func (l *Liar) hear(question []byte) Lie {
	l.mu.Lock()
	defer l.mu.Unlock()
	if bytes.Contains(question, []byte(deliver)) {
		l.leaks++
	}
	return l.lie
}

// deliver is in every transaction with a delivery.
const deliver = "/panacea.datapool.v3.MsgDeliver"

func (l *Liar) serveGRPC(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	var question, answer []byte
	if err := stream.RecvMsg(&question); err != nil {
		return err
	}
	lie := l.hear(question)
	ctx := forwarded(stream.Context())
	if err := l.conn.Invoke(ctx, method, &question, &answer, grpc.ForceCodec(rawCodec{})); err != nil {
		return err
	}
	if lie.GRPC != nil {
		answer = lie.GRPC(method, answer)
	}
	return stream.SendMsg(&answer)
}

func (l *Liar) serveRPC(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var call struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Method  string          `json:"method"`
		Params  map[string]any  `json:"params"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	lie := l.hear(plainOf(call.Params))
	if lie.Ask != nil {
		lie.Ask(call.Method, call.Params)
		if body, err = json.Marshal(call); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	answer, err := l.ask(r.Context(), body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if result, ok := answer["result"].(map[string]any); ok && lie.RPC != nil {
		lie.RPC(call.Method, call.Params, result)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (l *Liar) ask(ctx context.Context, body []byte) (answer map[string]any, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.upstream, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	decoder := json.NewDecoder(res.Body)
	decoder.UseNumber() // the id must come back as it went
	return answer, decoder.Decode(&answer)
}

// plainOf returns all strings in a question, decoded where they have a code.
func plainOf(v any) []byte {
	var all []byte
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			all = append(all, plainOf(item)...)
		}
	case []any:
		for _, item := range v {
			all = append(all, plainOf(item)...)
		}
	case string:
		all = append(all, v...)
		if raw, err := hex.DecodeString(v); err == nil {
			all = append(all, raw...)
		}
		if raw, err := base64.StdEncoding.DecodeString(v); err == nil {
			all = append(all, raw...)
		}
	}
	return all
}
