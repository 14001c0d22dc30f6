package folder

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ReadManifest reads exactly one manifest. It returns ErrFormat if there is none, and passes
// on errors of r.
func ReadManifest(r io.Reader) (*Manifest, error) {
	head := make([]byte, headSize)
	if err := full(r, head); err != nil {
		return nil, err
	}
	if string(head[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: wrong first bytes", ErrFormat)
	}
	if v := binary.LittleEndian.Uint32(head[len(magic):]); v != Version {
		return nil, fmt.Errorf("%w: version %d: only version %d is supported", ErrFormat, v, Version)
	}
	n := binary.LittleEndian.Uint32(head[len(magic)+4:])
	if n > MaxFiles {
		return nil, fmt.Errorf("%w: %d files, at most %d", ErrFormat, n, MaxFiles)
	}
	m, taken := &Manifest{head: uint64(headSize)}, newNames()
	for range n {
		f, err := readFile(r)
		if err != nil {
			return nil, err
		}
		if err := m.add(f, taken); err != nil {
			return nil, fmt.Errorf("%w: %v", ErrFormat, err)
		}
	}
	if err := m.seal(); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFormat, err)
	}
	return m, nil
}

func readFile(r io.Reader) (File, error) {
	var length [2]byte
	if err := full(r, length[:]); err != nil {
		return File{}, err
	}
	n := int(binary.LittleEndian.Uint16(length[:]))
	if n > MaxPath {
		return File{}, fmt.Errorf("%w: a path of %d bytes, at most %d", ErrFormat, n, MaxPath)
	}
	rest := make([]byte, n+8)
	if err := full(r, rest); err != nil {
		return File{}, err
	}
	return File{Path: string(rest[:n]), Size: binary.LittleEndian.Uint64(rest[n:])}, nil
}

// full fills b. It returns ErrFormat if r ends before.
func full(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: cut off within the manifest", ErrFormat)
	}
	return err
}
