package identity

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
)

// wire reads and writes frames: a varint length, then that many bytes of
// protobuf, maxFrame at most.
type wire struct {
	in  *bufio.Reader
	out io.Writer
}

func newWire(rw io.ReadWriter) wire {
	return wire{in: bufio.NewReaderSize(rw, maxFrame), out: rw}
}

// read takes one frame; one that is too long or no such message is ErrRefused.
func (w wire) read(m proto.Message) error {
	err := protodelim.UnmarshalOptions{
		MaxSize:          maxFrame,
		UnmarshalOptions: proto.UnmarshalOptions{DiscardUnknown: true},
	}.UnmarshalFrom(w.in, m)
	var long *protodelim.SizeTooLargeError
	if errors.As(err, &long) || errors.Is(err, proto.Error) {
		return fmt.Errorf("%w: %w", pdx.ErrRefused, err)
	}
	return err
}

func (w wire) write(m proto.Message) error {
	_, err := protodelim.MarshalTo(w.out, m)
	return err
}

func (w wire) readChallenge() ([]byte, error) {
	var hello discoverypb.Hello
	if err := w.read(&hello); err != nil {
		return nil, fmt.Errorf("read challenge: %w", err)
	}
	if len(hello.GetChallenge()) != challengeLen {
		return nil, fmt.Errorf("%w: a challenge of %d bytes", pdx.ErrRefused, len(hello.GetChallenge()))
	}
	return hello.GetChallenge(), nil
}

func (w wire) readBinding() (*discoverypb.Binding, error) {
	var b discoverypb.Binding
	if err := w.read(&b); err != nil {
		return nil, fmt.Errorf("read binding: %w", err)
	}
	return &b, nil
}
