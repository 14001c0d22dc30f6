package jail

import (
	"encoding/binary"

	"github.com/medibloc/pdx/criteria"
)

// The parts of a message of keys: bytes of a key with their number before them (LE32), or
// the end of a key and its number.
const (
	partBytes = 0
	partEnd   = 1
)

// keyWriter sends the keys of records, many in one message.
type keyWriter struct {
	child *child
	buf   []byte
}

// Write implements io.Writer.
func (k *keyWriter) Write(p []byte) (n int, err error) {
	for n < len(p) {
		part := p[n:min(len(p), n+chunk)]
		k.buf = append(k.buf, partBytes)
		k.buf = binary.LittleEndian.AppendUint32(k.buf, uint32(len(part)))
		k.buf = append(k.buf, part...)
		n += len(part)
		if err := k.settle(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// End implements criteria.Keys.
func (k *keyWriter) End(key uint8) error {
	k.buf = append(k.buf, partEnd, key)
	return k.settle()
}

func (k *keyWriter) settle() error {
	if len(k.buf) < chunk {
		return nil
	}
	return k.flush()
}

func (k *keyWriter) flush() error {
	if len(k.buf) == 0 {
		return nil
	}
	err := k.child.send(kindKeys, k.buf)
	k.buf = k.buf[:0]
	return err
}

// takeKeys gives the keys of a message to keys.
func takeKeys(body []byte, keys criteria.Keys) error {
	for len(body) > 0 {
		kind := body[0]
		body = body[1:]
		switch {
		case kind == partBytes && len(body) >= 4:
			n := uint64(binary.LittleEndian.Uint32(body))
			if body = body[4:]; n > uint64(len(body)) {
				return errFrame
			}
			if _, err := keys.Write(body[:n]); err != nil {
				return err
			}
			body = body[n:]
		case kind == partEnd && len(body) >= 1 && body[0] < criteria.MaxUnique:
			if err := keys.End(body[0]); err != nil {
				return err
			}
			body = body[1:]
		default:
			return errFrame
		}
	}
	return nil
}
