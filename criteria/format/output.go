package format

import (
	"bufio"
	"io"
)

// Output writes a projection and counts what it writes.
type Output struct {
	w    *bufio.Writer
	done Projection
}

// NewOutput returns an Output to dst.
func NewOutput(dst io.Writer) *Output { return &Output{w: bufio.NewWriterSize(dst, 64<<10)} }

// Records is the number of records written so far.
func (o *Output) Records() uint64 { return o.done.Records }

// Record writes a record with what stands before and behind it.
func (o *Output) Record(before string, raw []byte, behind string) error {
	o.done.Records++
	if err := o.Text(before); err != nil {
		return err
	}
	n, err := o.w.Write(raw)
	o.done.Bytes += uint64(n)
	if err != nil {
		return err
	}
	return o.Text(behind)
}

// Text writes what belongs to no record.
func (o *Output) Text(text string) error {
	n, err := o.w.WriteString(text)
	o.done.Bytes += uint64(n)
	return err
}

// Close writes what is buffered and says what was written.
func (o *Output) Close() (Projection, error) {
	if err := o.w.Flush(); err != nil {
		return Projection{}, err
	}
	return o.done, nil
}
