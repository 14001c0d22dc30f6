package validation

import (
	"bufio"
	"bytes"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validation/validationpb"
)

// Hurry makes a server's pauses short; before Start.
func (s *Server) Hurry(keepAlive, request time.Duration) {
	s.timing.keepAlive, s.timing.request, s.timing.pause = keepAlive, request, time.Millisecond
}

// Hurry makes a client give up on a silent validator soon.
func (c *Client) Hurry(silence time.Duration) { c.silence = silence }

// DecodeRequest reads a request frame as a server does.
func DecodeRequest(raw []byte) (Request, error) {
	return readRequest(bufio.NewReader(bytes.NewReader(raw)))
}

// EncodeRequest writes a request frame as a client does.
func EncodeRequest(r Request) []byte {
	var b bytes.Buffer
	_ = writeFrame(&b, encodeRequest(r))
	return b.Bytes()
}

// DecodeProgress reads a progress frame as a client does.
func DecodeProgress(raw []byte) (p pdx.Progress, v pdx.Verdict, ended bool, err error) {
	var m validationpb.Progress
	if err := readFrame(bufio.NewReader(bytes.NewReader(raw)), maxProgress, &m); err != nil {
		return pdx.Progress{}, pdx.Verdict{}, true, err
	}
	return decodeProgress(&m)
}

// EncodeVerdict and EncodeProgress write frames as a server does.
func EncodeVerdict(v pdx.Verdict) []byte {
	var b bytes.Buffer
	_ = writeFrame(&b, encodeDone(v))
	return b.Bytes()
}

// EncodeProgress writes a progress frame as a server does.
func EncodeProgress(p pdx.Progress) []byte {
	var b bytes.Buffer
	_ = writeFrame(&b, encodeProgress(p))
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
