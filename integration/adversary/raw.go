package adversary

import (
	"bytes"
	"context"

	"google.golang.org/grpc/metadata"
)

// rawCodec passes gRPC messages on as they are.
type rawCodec struct{}

func (rawCodec) Name() string                  { return "proto" }
func (rawCodec) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = bytes.Clone(data)
	return nil
}

// forwarded passes on what was asked beside the message, such as the height.
func forwarded(ctx context.Context) context.Context {
	if asked, ok := metadata.FromIncomingContext(ctx); ok {
		if heights := asked.Get(heightHeader); len(heights) > 0 {
			return metadata.AppendToOutgoingContext(ctx, heightHeader, heights[0])
		}
	}
	return ctx
}

const heightHeader = "x-cosmos-block-height"
