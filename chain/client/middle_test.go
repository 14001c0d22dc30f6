package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// middle stands between a client and a chain and changes what it is told to. With
// no chain behind it, only what it is told to answers.
type middle struct {
	grpcAddr, rpcAddr string
	upstream          *grpc.ClientConn
	upstreamRPC       string

	mu   sync.Mutex
	grpc map[string]grpcHook // by method, /package.Service/Method
	rpc  map[string]heightHook
	seen map[string]int // RPC calls, by method
}

// A grpcHook answers in place of the chain, which it may ask.
type grpcHook func(forward func() ([]byte, error)) ([]byte, error)

// An rpcHook returns the JSON of a result or an error; a heightHook does so for the
// height that the call names, "" if it names none.
type (
	rpcHook    func() (result string, err error)
	heightHook func(height string) (result string, err error)
)

const broadcastTx = "/cosmos.tx.v1beta1.Service/BroadcastTx"

func (m *middle) onGRPC(method string, hook grpcHook) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.grpc[method] = hook
}

func (m *middle) onRPC(method string, hook rpcHook) {
	if hook == nil {
		m.onHeight(method, nil)
		return
	}
	m.onHeight(method, func(string) (string, error) { return hook() })
}

func (m *middle) onHeight(method string, hook heightHook) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rpc[method] = hook
}

// calls returns how often an RPC method was called.
func (m *middle) calls(method string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen[method]
}

func newMiddle(t testing.TB, c *chain) *middle {
	t.Helper()
	m := &middle{grpc: map[string]grpcHook{}, rpc: map[string]heightHook{}, seen: map[string]int{}}
	if c != nil {
		m.upstreamRPC = c.RPCAddr()
		conn, err := grpc.NewClient(c.GRPCAddr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		m.upstream = conn
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(grpc.ForceServerCodec(rawCodec{}), grpc.UnknownServiceHandler(m.serveGRPC))
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-done; !errors.Is(err, grpc.ErrServerStopped) { // a short test is over before it serves
			require.NoError(t, err)
		}
	})
	web := httptest.NewServer(http.HandlerFunc(m.serveRPC))
	t.Cleanup(web.Close)
	m.grpcAddr, m.rpcAddr = listener.Addr().String(), web.URL
	return m
}

func (m *middle) serveGRPC(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	var req, res []byte
	if err := stream.RecvMsg(&req); err != nil {
		return err
	}
	forward := func() (res []byte, err error) {
		if m.upstream == nil {
			return nil, fmt.Errorf("no chain for %s", method)
		}
		err = m.upstream.Invoke(stream.Context(), method, &req, &res, grpc.ForceCodec(rawCodec{}))
		return res, err
	}
	m.mu.Lock()
	hook := m.grpc[method]
	m.mu.Unlock()
	var err error
	if hook != nil {
		res, err = hook(forward)
	} else {
		res, err = forward()
	}
	if err != nil {
		return err
	}
	return stream.SendMsg(&res)
}

func (m *middle) serveRPC(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var call struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
		Params struct {
			Height string `json:"height"`
		} `json:"params"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	hook := m.rpc[call.Method]
	m.seen[call.Method]++
	m.mu.Unlock()
	if hook == nil {
		m.forwardRPC(r.Context(), w, body)
		return
	}
	result, err := hook(call.Params.Height)
	if err != nil {
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32603,"message":%q}}`, call.ID, err.Error())
		return
	}
	fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%s}`, call.ID, result)
}

func (m *middle) forwardRPC(ctx context.Context, w http.ResponseWriter, body []byte) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.upstreamRPC, bytes.NewReader(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	_, _ = io.Copy(w, res.Body)
}

// rawCodec passes messages on as they are.
type rawCodec struct{}

func (rawCodec) Name() string                  { return "proto" }
func (rawCodec) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = bytes.Clone(data)
	return nil
}
