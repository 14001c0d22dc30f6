package api_test

import (
	"context"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/api/nodepb/nodepbconnect"
)

// foreign answers with strings that are not UTF-8, as a faulty border would let in.
type foreign struct {
	nodepbconnect.UnimplementedNodeServiceHandler
}

func (foreign) ListData(context.Context, *nodepb.ListDataRequest) (*nodepb.ListDataResponse, error) {
	return &nodepb.ListDataResponse{Data: []*nodepb.Data{{Name: "a\xff", Fields: []string{"ok", "b\xfe\xfd"}}}}, nil
}

func (foreign) AddData(_ context.Context, _ *nodepb.AddDataRequest, stream *connect.ServerStream[nodepb.AddDataResponse]) error {
	return stream.Send(&nodepb.AddDataResponse{Data: &nodepb.Data{Name: "c\xff"}})
}

func TestAnswersAreRepaired(t *testing.T) {
	client, _ := serve(t, foreign{})
	res, err := client.ListData(t.Context(), &nodepb.ListDataRequest{})
	require.NoError(t, err)
	require.Equal(t, "a\uFFFD", res.Data[0].Name)
	require.Equal(t, []string{"ok", "b\uFFFD"}, res.Data[0].Fields)
	d, err := api.AddData(t.Context(), client, &nodepb.AddDataRequest{Path: "/x"}, nil)
	require.NoError(t, err)
	require.Equal(t, "c\uFFFD", d.Name)
}

// A path or argument in another encoding is the caller's mistake, not a node that
// does not answer.
func TestArgumentsMustBeUTF8(t *testing.T) {
	client := api.NewClient(t.TempDir() + "/none.sock")
	_, err := api.AddData(t.Context(), client, &nodepb.AddDataRequest{Path: "/p\xfc.ndjson"}, nil)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, `"/p\xfc.ndjson" is not UTF-8`)
	_, err = client.Sell(t.Context(), &nodepb.SellRequest{Fields: []string{"/a", "/\xff"}})
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, `"/\xff" is not UTF-8`)
}
