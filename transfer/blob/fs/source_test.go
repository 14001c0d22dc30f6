package fs_test

import (
	"bytes"
	"context"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// source is a peer that has the whole blob.
type source struct {
	id   pdx.ContentID
	size uint64
	blob blob.Blob
}

func newSource(ctx context.Context, data []byte) (*source, error) {
	s := mem.New()
	w, err := s.Create(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	info, err := w.Commit(ctx)
	if err != nil {
		return nil, err
	}
	b, err := s.Open(ctx, info.ID)
	return &source{info.ID, info.Size, b}, err
}

func (s *source) put(p blob.Partial, run bao.Range) error {
	var slice bytes.Buffer
	if err := s.blob.WriteSlice(&slice, run); err != nil {
		return err
	}
	return bao.ReadSlice(&slice, s.id, s.size, run, p)
}
