package validation

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation/validationpb"
	"github.com/medibloc/pdx/p2p/stream"
)

// NewQuickServer returns a server with short pauses.
func NewQuickServer(c Config, keepAlive, request time.Duration) (*stream.Server, error) {
	return newServer(c, timing{keepAlive: keepAlive, request: request, pause: time.Millisecond})
}

// GiveUpAfter makes a client give up on a silent validator soon.
func (c *Client) GiveUpAfter(silence time.Duration) { c.silence = silence }

// readFrame reads a frame as both sides do.
func readFrame(raw []byte, limit int, m proto.Message) error {
	err := stream.ReadFrame(bufio.NewReader(bytes.NewReader(raw)), limit, m)
	if errors.Is(err, stream.ErrFrame) {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return err
}

// DecodeRequest reads a request frame as a server does.
func DecodeRequest(raw []byte) (Request, error) {
	var m validationpb.Request
	if err := readFrame(raw, maxRequest, &m); err != nil {
		return Request{}, err
	}
	return decodeRequest(&m)
}

// EncodeRequest writes a request frame as a client does.
func EncodeRequest(r Request) []byte {
	var b bytes.Buffer
	_ = stream.WriteFrame(&b, encodeRequest(r))
	return b.Bytes()
}

// DecodeProgress reads a progress frame as a client does.
func DecodeProgress(raw []byte) (p pdx.Progress, v pdx.Verdict, ended bool, err error) {
	var m validationpb.Progress
	if err := readFrame(raw, maxProgress, &m); err != nil {
		return pdx.Progress{}, pdx.Verdict{}, true, err
	}
	return decodeProgress(&m)
}

// EncodeVerdict and EncodeProgress write frames as a server does.
func EncodeVerdict(v pdx.Verdict) []byte {
	var b bytes.Buffer
	_ = stream.WriteFrame(&b, encodeDone(v))
	return b.Bytes()
}

// EncodeProgress writes a progress frame as a server does.
func EncodeProgress(p pdx.Progress) []byte {
	var b bytes.Buffer
	_ = stream.WriteFrame(&b, encodeProgress(p))
	return b.Bytes()
}

// Limits that tests speak of.
const (
	MaxRequest  = maxRequest
	MaxProgress = maxProgress
	MaxFindings = maxFindings
	Burst       = requestBurst
	MaxSlots    = maxSlots
)
